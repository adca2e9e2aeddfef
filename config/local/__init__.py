"""Running Sayso on one machine with nothing installed: `make up`, `make test` and the servers that they embed.

Standard library only (psycopg and redis to ask a server whether it is ready), no Django: what starts Sayso must not
need Sayso. Linux only: it leans on /proc, parent-death signals and user namespaces.

    __main__     the commands
    up           the whole story of `make up`
    processes    the table of what runs
    supervisor   starts, watches, restarts and stops; child, tether and orphans are its parts
    servers      PostgreSQL and Valkey in any folder, for `up` and for tests
    environment  var/local.env
"""
