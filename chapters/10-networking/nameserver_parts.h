/*
 * nameserver_parts.h - what the files of the name server share.
 *
 * nameserver.c waits and tells the others what is ready; nameserver_names.c
 * knows the names, nameserver_udp.c and nameserver_tcp.c carry questions and
 * answers. Both kinds of work under way stand in a table of fixed size; each
 * has a time at which it is over, and since the tables are short they are
 * searched from end to end instead of being kept in order.
 */
#ifndef NAMESERVER_PARTS_H
#define NAMESERVER_PARTS_H

#include "dns.h"
#include "leases.h"
#include "nameserver.h"

#include <netinet/in.h>
#include <stdint.h>
#include <sys/stat.h>

enum {
    NAMESERVER_UPSTREAM = 3,     /* as many as resolv.conf may have */
    NAMESERVER_TRIES = 4,        /* of one question by UDP, going round */
    NAMESERVER_WAIT_MS = 1000,   /* for the answer to each */
    NAMESERVER_STREAM_MS = 2000, /* for each step of a connection */
    NAMESERVER_QUESTIONS = 256,  /* under way at once */
    NAMESERVER_STREAMS = 16,
    NAMESERVER_RECORDS = 256,     /* of one answer */
    NAMESERVER_TTL_S = 600,       /* Docker's */
    NAMESERVER_QUERY_MOST = 4096, /* bytes of a question */
};

/* A file that others replace: what it was when it was read. It stays open, so
 * that no other file gets its inode number meanwhile. */
struct nameserver_file {
    char *path;
    int fd; /* -1: not there */
    struct stat seen;
};

struct nameserver_network {
    char *name;
    struct nameserver_file file;
    struct leases leases;
};

struct nameserver_names {
    struct nameserver_file list;
    struct nameserver_network *v;
    size_t n;
    const struct strv *links;
    size_t turn;   /* who comes first in the next answer */
    char *pointer; /* the name in the last PTR answer */
    struct dns_record records[NAMESERVER_RECORDS];
};

/* nameserver_names.c: the records of a name that we know, in names->records:
 * how many (0: none of that kind); or -ENOENT: it is not ours. */
int nameserver_find(struct nameserver_names *names,
                    const struct dns_query *query);
void nameserver_names_open(struct nameserver_names *names,
                           const struct nameserver *ns);
void nameserver_names_close(struct nameserver_names *names);

/* A question that came by UDP and was passed on. */
struct nameserver_question {
    uint8_t *bytes; /* NULL: the place is free */
    size_t len;
    struct sockaddr_in client;
    uint16_t id; /* under which we ask; in `bytes` is the client's */
    int fds[NAMESERVER_UPSTREAM];
    unsigned int tries, failures;
    int64_t begin_ms, due_ms;
};

/* A connection, and the question that it is about. */
enum nameserver_step {
    NAMESERVER_FREE,
    NAMESERVER_TAKE, /* the question, from the client */
    NAMESERVER_ASK,  /* it, of the upstream server */
    NAMESERVER_HEAR, /* the answer, from there */
    NAMESERVER_GIVE, /* it, to the client */
};
struct nameserver_frame {
    uint8_t *bytes; /* two of length, and the message */
    size_t len, done;
};
struct nameserver_stream {
    enum nameserver_step step;
    int client, upstream;
    struct nameserver_frame question, answer;
    unsigned int tries;
    uint32_t serial; /* tells events of an earlier stream in this place */
    int64_t due_ms;
};

struct nameserver_address {
    union {
        struct sockaddr any;
        struct sockaddr_in ip4;
        struct sockaddr_in6 ip6;
    };
    socklen_t size;
};

struct nameserver_state {
    const struct nameserver *ns;
    int epoll;
    struct nameserver_names names;
    struct nameserver_address upstream[NAMESERVER_UPSTREAM];
    unsigned int n_upstream;
    struct nameserver_question questions[NAMESERVER_QUESTIONS];
    size_t n_questions;
    struct nameserver_stream streams[NAMESERVER_STREAMS];
    size_t n_streams;
    uint8_t datagram[DNS_MOST + 1];
    uint8_t reply[DNS_MOST];
};

/* nameserver.c: what an event is about. */
enum nameserver_source {
    NAMESERVER_UDP,
    NAMESERVER_LISTENER,
    NAMESERVER_QUESTION, /* index: which question */
    NAMESERVER_CLIENT,   /* index: which stream */
    NAMESERVER_SERVER,
};
int nameserver_watch(struct nameserver_state *state, int operation, int fd,
                     uint32_t events, uint64_t what);
uint64_t nameserver_event(enum nameserver_source source, size_t index,
                          uint32_t serial);
int64_t nameserver_now_ms(void);
/* A new random id of a question. */
uint16_t nameserver_id(void);
/* Our own answer to a message, into state->reply: its length; 0: none is due;
 * -EAGAIN: others have to be asked, and `query` says what. `room` 0: UDP's. */
int nameserver_answer(struct nameserver_state *state, const uint8_t *message,
                      size_t len, size_t room, struct dns_query *query);
/* state->reply says that it failed. Its length. */
size_t nameserver_failed(struct nameserver_state *state,
                         const struct dns_query *query);

/* nameserver_udp.c */
void nameserver_udp_ready(struct nameserver_state *state);
void nameserver_question_ready(struct nameserver_state *state, size_t index);
void nameserver_question_due(struct nameserver_state *state, size_t index);
/* nameserver_tcp.c */
void nameserver_listener_ready(struct nameserver_state *state);
void nameserver_stream_ready(struct nameserver_state *state, size_t index,
                             enum nameserver_source source);
void nameserver_stream_due(struct nameserver_state *state, size_t index);

#endif
