/*
 * mini-docker-tls CA CERT KEY - between a client that speaks TLS and a process
 * that does not.
 *
 * Descriptor 3 leads to the client, 4 to our own side, which carries what is in
 * the records, both ways. Whoever connects has to show a certificate that CA
 * has signed, as we do (mutual TLS, RFC 8446): there is no other guard before
 * an engine that makes anybody root. A client that cannot is told so by TLS and
 * left; why is said on standard error.
 *
 * libssl (SSL_read(3), SSL_write(3)) does the work; this is a pump. It never
 * waits for our own side to take something: that may itself be waiting for us.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

enum { CLIENT = 3, PLAIN = 4, HANDSHAKE_S = 15, RECORD = 16 * 1024 };

struct pump {
    SSL *tls;
    char in[RECORD]; /* decrypted, and not yet taken */
    int in_at, in_len;
    bool client_ended;
};

static int fail(const char *what)
{
    char why[200] = "the connection ended";
    unsigned long code = ERR_get_error();
    if (code != 0)
        ERR_error_string_n(code, why, sizeof why);
    fprintf(stderr, "mini-docker-tls: %s: %s\n", what, why);
    return 1;
}

static SSL_CTX *make_context(char *const files[3])
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL ||
        SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_load_verify_locations(context, files[0], NULL) != 1 ||
        SSL_CTX_use_certificate_chain_file(context, files[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, files[2], SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return NULL;
    SSL_CTX_set_verify(context,
                       SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return context;
}

/* What was decrypted goes on as far as there is room. False: nobody takes it.
 */
static bool pass_in(struct pump *pump)
{
    while (pump->in_at < pump->in_len) {
        ssize_t n = send(PLAIN, pump->in + pump->in_at,
                         (size_t)(pump->in_len - pump->in_at),
                         MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        pump->in_at += (int)n;
    }
    return true;
}

/* False: it is over, in an unlawful way. */
static bool read_client(struct pump *pump)
{
    int n = SSL_read(pump->tls, pump->in, sizeof pump->in);
    pump->in_at = 0;
    pump->in_len = n > 0 ? n : 0;
    if (n > 0)
        return pass_in(pump);
    if (SSL_get_error(pump->tls, n) != SSL_ERROR_ZERO_RETURN)
        return false;
    pump->client_ended = true;
    shutdown(PLAIN, SHUT_WR);
    return true;
}

/* False: our side has no more to say. */
static bool read_plain(struct pump *pump)
{
    char out[RECORD];
    ssize_t n = read(PLAIN, out, sizeof out);
    if (n < 0 && errno == EINTR)
        return true;
    return n > 0 && SSL_write(pump->tls, out, (int)n) == n;
}

static bool turn(struct pump *pump)
{
    bool has_in = pump->in_at < pump->in_len;
    bool reads = !has_in && !pump->client_ended;
    struct pollfd fds[] = {
        {.fd = reads ? CLIENT : -1, .events = POLLIN                         },
        {.fd = PLAIN,               .events = POLLIN | (has_in ? POLLOUT : 0)},
    };
    bool pending = reads && SSL_pending(pump->tls) > 0;
    if (poll(fds, 2, pending ? 0 : -1) < 0)
        return errno == EINTR;
    if ((fds[1].revents & POLLOUT) != 0 && !pass_in(pump))
        return false;
    if ((fds[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
        !read_plain(pump))
        return false;
    return !(pending || fds[0].revents != 0) || read_client(pump);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc != 4)
        return fail("usage: mini-docker-tls CA CERT KEY");
    SSL_CTX *context = make_context(argv + 1);
    if (context == NULL)
        return fail("certificates");
    struct pump pump = {.tls = SSL_new(context)};
    alarm(HANDSHAKE_S); /* who says nothing is not waited for */
    if (pump.tls == NULL || SSL_set_fd(pump.tls, CLIENT) != 1 ||
        SSL_accept(pump.tls) != 1)
        return fail("a client");
    alarm(0);
    while (turn(&pump))
        ;
    SSL_shutdown(pump.tls);
    SSL_free(pump.tls);
    SSL_CTX_free(context);
    return 0;
}
