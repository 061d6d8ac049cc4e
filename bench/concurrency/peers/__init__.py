"""What is compared, each contender in a process of its own.

A peer is a program that takes the name of a work and how often it is done, does it, and prints
its figures as one line of JSON. What cannot be begun before a clock is read, such as the start
of an interpreter, is in no figure.
"""
