"""A small believable AWS account to try leastwise on: its people and programs, their logs, their policies.

``account`` is the cast and what a right tool makes of each of them; ``records`` is what CloudTrail writes
down; ``write`` lays the files out as a trail does; ``repository`` is the git repository with the policies.
"""

from leastwise.demo.build import DEMO_NOW, DemoPlaces, build_demo

__all__ = ["DEMO_NOW", "DemoPlaces", "build_demo"]
