#!/bin/sh
# Writes Redis's access list from two passwords in the environment and starts the server with it.
# The grading side reaches its queues and its own keys, and no command that administrates.
set -eu
: "${REDIS_PASSWORD:?}" "${GRADER_REDIS_PASSWORD:?}"
umask 077
cat > /tmp/users.acl <<ACL
user default off
user backend on >$REDIS_PASSWORD ~* &* +@all
user grader on >$GRADER_REDIS_PASSWORD ~grade.* ~backend ~backend* ~llsys:* ~_kombu.* ~unacked* &* +@all -@admin -@dangerous +info
ACL
exec redis-server --aclfile /tmp/users.acl --dir /data --save 60 1 --appendonly no
