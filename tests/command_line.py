"""The command line, run in this process."""

from leastwise.cli import main


def run(capsys, *words):
    """(exit code, standard output, standard error); what is a defect of leastwise fails the test."""
    code = 0
    try:
        main([str(word) for word in words])
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out, said.err
