/*
 * mini-docker-web - HTTP for mini-docker, by libcurl.
 *
 * The runtime is a static program, and libcurl is a shared library with forty
 * more behind it. So it lives in a program of its own, started when a registry
 * is to be talked to, as git does it. Requests come in at standard input, which
 * is a socket, and answers go out there (wire.h), one after the other over the
 * connections that libcurl keeps. What is asked, and with whose name, is
 * decided at the other end; this knows HTTP, TLS and proxies and nothing else.
 */
#include "wire.h"

#include "own.h"
#include "text.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PEER = STDIN_FILENO, MOST_HEADERS = 256 * 1024 };

/* One request and its answer. */
struct exchange {
    CURL *curl;
    json_t *request, *headers; /* headers: of the last answer */
    bool has_head;             /* it was told */
    bool sends;                /* the request has a body, ... */
    size_t piece;              /* ... and so much of this piece is to come */
    bool has_sent;             /* ... and all of it has come */
    struct text answer;        /* what came while it was sent */
    size_t header_bytes;
    int stall_s;
    time_t last;      /* that something moved, and ... */
    curl_off_t moved; /* ... how much so far */
    char error[CURL_ERROR_SIZE];
};

static const char *text_at(const struct exchange *x, const char *key)
{
    return json_string_value(json_object_get(x->request, key));
}

/* --- the answer ---------------------------------------------------------- */

/* Where it sends us, as a whole URL. Caller frees; NULL: nowhere. */
static char *find_location(const struct exchange *x)
{
    const char *said =
        json_string_value(json_object_get(x->headers, "location"));
    CURLU *url = curl_url();
    char *found = NULL, *copy = NULL;
    if (said != NULL && url != NULL &&
        curl_url_set(url, CURLUPART_URL, text_at(x, "url"), 0) == CURLUE_OK &&
        curl_url_set(url, CURLUPART_URL, said, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_URL, &found, 0) == CURLUE_OK)
        copy = own_strdup(found);
    curl_free(found);
    curl_url_cleanup(url);
    return copy;
}

static int send_head(struct exchange *x)
{
    long status = 0;
    curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
    auto_free char *location = find_location(x);
    json_auto_t *head =
        json_pack("{s:i, s:O}", "status", (int)status, "headers", x->headers);
    if (head != NULL && location != NULL)
        json_object_set_new(head, "location", json_string(location));
    x->has_head = true;
    return head == NULL ? -EPROTO : wire_send_json(PEER, WIRE_HEAD, head);
}

/* A line of the head. A new status line begins a new answer. */
static size_t take_header(char *bytes, size_t size, size_t n, void *arg)
{
    struct exchange *x = arg;
    size_t len = size * n;
    x->header_bytes += len;
    if (x->header_bytes > MOST_HEADERS)
        return 0;
    if (len >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
        json_object_clear(x->headers);
    char *colon = memchr(bytes, ':', len);
    if (colon == NULL)
        return len;
    auto_free char *name = text_format("%.*s", (int)(colon - bytes), bytes);
    for (char *c = name; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    auto_text struct text value = {0};
    size_t skip = (size_t)(colon - bytes) + 1;
    while (skip < len && (bytes[skip] == ' ' || bytes[skip] == '\t'))
        skip++;
    text_addn(&value, bytes + skip, len - skip);
    text_trim(&value);
    json_t *old = json_object_get(x->headers, name);
    /* Said twice is a list (RFC 9110, 5.3). What is no UTF-8 is not kept. */
    auto_free char *whole =
        text_format("%s%s%s", old != NULL ? json_string_value(old) : "",
                    old != NULL ? ", " : "", value.s != NULL ? value.s : "");
    json_object_set_new(x->headers, name, json_string(whole));
    return len;
}

static size_t take_piece(char *bytes, size_t size, size_t n, void *arg)
{
    struct exchange *x = arg;
    size_t len = size * n;
    /* Whoever still sends does not listen. */
    if (x->sends) {
        if (x->answer.len < WIRE_MOST)
            text_addn(&x->answer, bytes, len);
        return len;
    }
    if (!x->has_head && send_head(x) < 0)
        return 0;
    return wire_send(PEER, WIRE_PIECE, bytes, len) < 0 ? 0 : len;
}

/* --- the request's body -------------------------------------------------- */

/* Until there is a piece; 0: it was the last. */
static int next_piece(struct exchange *x)
{
    while (x->piece == 0 && !x->has_sent) {
        struct wire_frame frame;
        if (wire_next(PEER, &frame) < 0)
            return -EPIPE;
        if (frame.kind == WIRE_PIECE)
            x->piece = frame.len;
        else
            x->has_sent = true;
    }
    return x->piece > 0;
}

static size_t give_piece(char *bytes, size_t size, size_t n, void *arg)
{
    struct exchange *x = arg;
    int r = next_piece(x);
    if (r <= 0)
        return r < 0 ? CURL_READFUNC_ABORT : 0;
    size_t len = size * n < x->piece ? size * n : x->piece;
    if (wire_read(PEER, bytes, len) < 0)
        return CURL_READFUNC_ABORT;
    x->piece -= len;
    return len;
}

/* What nobody wanted of it. */
static int drain(struct exchange *x)
{
    char block[4096];
    size_t n;
    while ((n = give_piece(block, 1, sizeof block, x)) > 0)
        if (n == CURL_READFUNC_ABORT)
            return -EPIPE;
    return 0;
}

/* --- asking -------------------------------------------------------------- */

static void set_trust(struct exchange *x)
{
    CURL *curl = x->curl;
    const char *ca = text_at(x, "ca");
    struct curl_blob blob = {(void *)(uintptr_t)ca, ca == NULL ? 0 : strlen(ca),
                             CURL_BLOB_COPY};
    if (ca != NULL && ca[0] != '\0')
        curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
    if (text_at(x, "cert") != NULL)
        curl_easy_setopt(curl, CURLOPT_SSLCERT, text_at(x, "cert"));
    if (text_at(x, "key") != NULL)
        curl_easy_setopt(curl, CURLOPT_SSLKEY, text_at(x, "key"));
    if (json_is_true(json_object_get(x->request, "unverified"))) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static void set_body(struct exchange *x, const char *method)
{
    CURL *curl = x->curl;
    json_int_t size = json_integer_value(json_object_get(x->request, "size"));
    x->sends = json_object_get(x->request, "size") != NULL;
    if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (!x->sends)
        return;
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_piece);
    curl_easy_setopt(curl, CURLOPT_READDATA, x);
    curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 512 * 1024L);
}

static time_t now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Called once a second, and more often: end it, if nothing has moved. */
static int watch(void *arg, curl_off_t total_in, curl_off_t in,
                 curl_off_t total_out, curl_off_t out)
{
    struct exchange *x = arg;
    (void)total_in;
    (void)total_out;
    if (in + out != x->moved || x->last == 0)
        x->last = now_s();
    x->moved = in + out;
    return now_s() - x->last > x->stall_s;
}

static void set_limits(struct exchange *x)
{
    CURL *curl = x->curl;
    const json_t *request = x->request;
    curl_easy_setopt(
        curl, CURLOPT_CONNECTTIMEOUT,
        (long)json_integer_value(json_object_get(request, "connect_s")));
    /* A whole transfer may take hours; that nothing comes may not. libcurl's
     * own bound goes by the speed of the last seconds, and is late. */
    x->stall_s = (int)json_integer_value(json_object_get(request, "stall_s"));
    x->last = now_s();
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, x);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 512 * 1024L);
}

static struct curl_slist *make_headers(const struct exchange *x)
{
    /* We are told 401 before the body is worth much: no asking beforehand. */
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    size_t i;
    const json_t *header;
    json_array_foreach(json_object_get(x->request, "headers"), i, header) list =
        curl_slist_append(list, json_string_value(header));
    return list;
}

static CURLcode perform(struct exchange *x)
{
    CURL *curl = x->curl;
    const char *method = text_at(x, "method"), *url = text_at(x, "url");
    if (method == NULL || url == NULL)
        return CURLE_URL_MALFORMAT;
    curl_easy_reset(curl);
    struct curl_slist *headers = make_headers(x);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    set_body(x, method);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_piece);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, x->error);
    set_limits(x);
    set_trust(x);
    CURLcode code = curl_easy_perform(curl);
    curl_slist_free_all(headers);
    return code;
}

/* The machine that could not be reached: "HOST:PORT", or "HOST" alone. Caller
 * frees. */
static char *name_machine(const struct exchange *x, bool has_port)
{
    CURLU *url = curl_url();
    char *host = NULL, *port = NULL;
    if (url != NULL &&
        curl_url_set(url, CURLUPART_URL, text_at(x, "url"), 0) == CURLUE_OK) {
        curl_url_get(url, CURLUPART_HOST, &host, 0);
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
    }
    char *name =
        text_format("%s%s%s", host != NULL ? host : "", has_port ? ":" : "",
                    has_port && port != NULL ? port : "");
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(url);
    return name;
}

/* Why not, in Go's words where Docker's users know them; caller frees. */
static char *explain(const struct exchange *x, CURLcode code)
{
    const char *words =
        x->error[0] != '\0' ? x->error : curl_easy_strerror(code);
    long number = 0;
    curl_easy_getinfo(x->curl, CURLINFO_OS_ERRNO, &number);
    auto_free char *machine = name_machine(x, code == CURLE_COULDNT_CONNECT);
    if (code == CURLE_COULDNT_CONNECT && number != 0) {
        auto_free char *why = own_strdup(strerror((int)number));
        why[0] = (char)tolower((unsigned char)why[0]);
        return text_format("dial tcp %s: connect: %s", machine, why);
    }
    if (code == CURLE_COULDNT_RESOLVE_HOST)
        return text_format("dial tcp: lookup %s: no such host", machine);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return text_format("timeout: nothing has come for %d s", x->stall_s);
    if (code == CURLE_PARTIAL_FILE)
        return own_strdup("unexpected EOF");
    if (code == CURLE_GOT_NOTHING)
        return own_strdup("EOF");
    if (code == CURLE_SSL_CONNECT_ERROR && strstr(words, "wrong version"))
        return own_strdup("http: server gave HTTP response to HTTPS client");
    return own_strdup(words);
}

static json_t *make_end(const struct exchange *x, CURLcode code)
{
    static const struct {
        CURLcode code;
        int number;
    } known[] = {
        {CURLE_COULDNT_RESOLVE_HOST,     EHOSTUNREACH},
        {CURLE_COULDNT_CONNECT,          ECONNREFUSED},
        {CURLE_OPERATION_TIMEDOUT,       ETIMEDOUT   },
        {CURLE_ABORTED_BY_CALLBACK,      ETIMEDOUT   },
        {CURLE_PEER_FAILED_VERIFICATION, EKEYREJECTED},
        {CURLE_SSL_CONNECT_ERROR,        EPROTO      },
        {CURLE_WEIRD_SERVER_REPLY,       EPROTO      },
        {CURLE_URL_MALFORMAT,            EINVAL      },
        {CURLE_UNSUPPORTED_PROTOCOL,     EINVAL      },
        {CURLE_PARTIAL_FILE,             ECONNRESET  },
        {CURLE_GOT_NOTHING,              ECONNRESET  },
        {CURLE_RECV_ERROR,               ECONNRESET  },
        {CURLE_SEND_ERROR,               ECONNRESET  },
    };
    if (code == CURLE_OK)
        return json_object();
    auto_free char *words = explain(x, code);
    int number = EIO;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].code == code)
            number = known[i].number;
    return json_pack("{s:i, s:s}", "errno", number, "error", words);
}

static int answer(struct exchange *x)
{
    x->headers = json_object();
    CURLcode code = perform(x);
    int r = x->sends ? drain(x) : 0;
    if (r == 0 && code == CURLE_OK && !x->has_head)
        r = send_head(x);
    if (r == 0 && code == CURLE_OK && x->answer.len > 0)
        r = wire_send(PEER, WIRE_PIECE, x->answer.s, x->answer.len);
    json_auto_t *end = make_end(x, code);
    if (r == 0 && end != NULL)
        r = wire_send_json(PEER, WIRE_END, end);
    json_decref(x->headers);
    text_done(&x->answer);
    return end == NULL ? -EPROTO : r;
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    struct wire_frame frame;
    int r = curl == NULL ? -ENOMEM : 0;
    while (r == 0 && wire_next(PEER, &frame) == 0) {
        struct exchange x = {.curl = curl};
        r = wire_read_json(PEER, &frame, &x.request);
        if (r == 0)
            r = answer(&x);
        json_decref(x.request);
    }
    curl_easy_cleanup(curl);
    return r < 0;
}
