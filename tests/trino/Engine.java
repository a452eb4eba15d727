import com.fasterxml.jackson.databind.ObjectMapper;
import io.trino.Session;
import io.trino.plugin.memory.MemoryConnectorFactory;
import io.trino.testing.LocalQueryRunner;
import io.trino.testing.MaterializedResult;
import io.trino.testing.MaterializedRow;
import io.trino.testing.TestingSession;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Trino's own planner and engine in this process, with tables in memory.  It listens to nobody: each line of
 * standard input is a statement (a JSON string), each line of standard output its answer, until input ends.
 */
public class Engine {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        Session session = TestingSession.testSessionBuilder().setCatalog("memory").setSchema("default").build();
        try (LocalQueryRunner trino = LocalQueryRunner.builder(session).build()) {
            // No table is ever dropped: LocalQueryRunner cannot.
            Map<String, String> room = Map.of("memory.max-data-per-node", "1GB");
            trino.createCatalog("memory", new MemoryConnectorFactory(), room);
            BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = questions.readLine(); line != null; line = questions.readLine()) {
                answers.println(JSON.writeValueAsString(answer(trino, JSON.readValue(line, String.class))));
            }
        }
        System.exit(0);
    }

    private static Map<String, Object> answer(LocalQueryRunner trino, String sql) {
        try {
            MaterializedResult found = trino.execute(sql);
            List<List<String>> rows = new ArrayList<>();
            for (MaterializedRow row : found.getMaterializedRows()) {
                List<String> cells = new ArrayList<>();
                row.getFields().forEach(cell -> cells.add(cell == null ? null : cell.toString()));
                rows.add(cells);
            }
            return Map.of("names", found.getColumnNames(), "rows", rows);
        } catch (RuntimeException error) {
            return Map.of("error", String.valueOf(error.getMessage()));
        }
    }
}
