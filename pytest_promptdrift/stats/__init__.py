"""Pure numbers: every test, interval and plan a verdict rests on.

Arrays go in, small frozen results come out. The room must not know files, clocks, requests or what
a score means, and it takes its random source as an argument. Every function cites where its
formula comes from and says what it answers when there is nothing, or nothing that varies, to judge.

It imports numpy, so nothing that a plain replay does may import it.
"""
