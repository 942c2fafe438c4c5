"""What the speed of the plugin is measured with: one command, one table.

    python -m benchmarks            every row
    python -m benchmarks --list     the names of the rows
    python -m benchmarks replay json --quick

Each row compares two whole programs that do the same work, run in turn (A B A B …), and states the
bar it is held to. Times are CPU seconds, user and system, of the whole process tree, because wall
time on a shared machine says more about the neighbours. See README.md beside this file.
"""
