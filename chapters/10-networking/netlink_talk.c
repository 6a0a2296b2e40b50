/* Sending netlink messages and hearing what the kernel says. See netlink.h. */
#include "netlink.h"

#include "netlink_parts.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* A table that changes this often while it is read is not worth reading. */
enum { DUMP_TRIES = 100 };

/* Where one conversation stands. */
struct talk {
    struct netlink *nl;
    netlink_each *each; /* NULL: nobody wants to see the answers */
    void *arg;
    struct err *e;
    size_t waiting; /* answers that are still to come */
    int result;     /* of the first message refused */
    bool is_dump, is_torn;
};

static const char *about_of(const struct netlink *nl, uint32_t seq)
{
    const char *sentence = nl->about.s;
    for (size_t i = 0; i < nl->n_about; i++) {
        if (nl->about_seq[i] == seq)
            return sentence;
        sentence += strlen(sentence) + 1;
    }
    return "netlink";
}

static struct nlmsghdr *message_at(const struct netlink *nl, size_t at)
{
    return (struct nlmsghdr *)(void *)(nl->out.s + at);
}

/* How many answers what was begun will have, and whether `seq` gets one. */
static size_t count_answers(const struct netlink *nl, uint32_t seq,
                            bool *ret_has_one)
{
    size_t n = 0;
    for (size_t at = 0; at < nl->out.len;) {
        const struct nlmsghdr *m = message_at(nl, at);
        bool has_one = (m->nlmsg_flags & NLM_F_ACK) != 0;
        n += has_one;
        if (m->nlmsg_seq == seq)
            *ret_has_one = has_one;
        at += netlink_align(m->nlmsg_len);
    }
    return n;
}

static void forget(struct netlink *nl)
{
    text_clear(&nl->out);
    text_clear(&nl->about);
    nl->n_about = 0;
    nl->first_seq = nl->seq + 1;
}

bool netlink_is_refused(const struct netlink *nl)
{
    return nl->is_refused;
}

static int send_all(struct netlink *nl, struct err *e)
{
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    struct iovec bytes = {nl->out.s, nl->out.len};
    struct msghdr message = {.msg_name = &kernel,
                             .msg_namelen = sizeof kernel,
                             .msg_iov = &bytes,
                             .msg_iovlen = 1};
    ssize_t n;
    do {
        n = sys_sendmsg(nl->fd, &message, 0);
    } while (n == -EINTR);
    return n < 0 ? err_sys(e, (int)n, "%s", about_of(nl, nl->first_seq)) : 0;
}

/* The next datagram from the kernel: its length or -errno. Whoever knows our
 * number may write to us; the kernel's own is 0. */
static ssize_t receive(struct netlink *nl, struct err *e)
{
    struct sockaddr_nl from = {0};
    struct iovec room = {nl->in, NETLINK_ANSWER_MAX};
    struct msghdr message = {.msg_iov = &room, .msg_iovlen = 1};
    ssize_t n;
    do {
        message.msg_name = &from;
        message.msg_namelen = sizeof from;
        n = sys_recvmsg(nl->fd, &message, MSG_DONTWAIT);
    } while (n == -EINTR || (n >= 0 && from.nl_pid != 0));
    const char *about = about_of(nl, nl->first_seq);
    if (n == -EAGAIN)
        return err_set(e, EPROTO, "%s: the kernel gave no answer", about);
    if (n < 0)
        return err_sys(e, (int)n, "%s", about);
    if ((message.msg_flags & MSG_TRUNC) != 0)
        return err_sys(e, EMSGSIZE, "%s: netlink answer", about);
    return n;
}

/* What the kernel has to say beyond the number: behind the number stands the
 * header of what was asked, with all of it unless NETLINK_CAP_ACK cut it. */
static void explanation_of(const struct nlmsghdr *m, char *ret, size_t size)
{
    const struct nlmsgerr *error = netlink_header(m, sizeof *error);
    const struct nlattr *attributes[NLMSGERR_ATTR_MAX + 1] = {0};
    size_t skip = sizeof *error;
    if ((m->nlmsg_flags & NLM_F_CAPPED) == 0 &&
        error->msg.nlmsg_len > NLMSG_HDRLEN)
        skip += netlink_align(error->msg.nlmsg_len - NLMSG_HDRLEN);
    if ((m->nlmsg_flags & NLM_F_ACK_TLVS) != 0)
        netlink_attributes(m, skip, attributes, NLMSGERR_ATTR_MAX + 1);
    netlink_text(attributes[NLMSGERR_ATTR_MSG], ret, size);
}

static int refuse(struct talk *talk, const struct nlmsghdr *m, int code)
{
    char why[128];
    const char *about = about_of(talk->nl, m->nlmsg_seq);
    explanation_of(m, why, sizeof why);
    if (why[0] == '\0')
        return err_sys(talk->e, code, "%s", about);
    return err_set(talk->e, code, "%s: %s (%s)", about, strerror(-code), why);
}

static int take_verdict(struct talk *talk, const struct nlmsghdr *m)
{
    const struct nlmsgerr *error = netlink_header(m, sizeof *error);
    if (error == NULL)
        return err_set(talk->e, EBADMSG, "netlink: a broken answer");
    bool has_one = false;
    count_answers(talk->nl, m->nlmsg_seq, &has_one);
    if (error->error < 0 && talk->result == 0)
        talk->result = refuse(talk, m, error->error);
    /* A batch whose beginning is refused, or a dump: that was all. */
    talk->waiting = has_one && talk->waiting > 0 ? talk->waiting - 1 : 0;
    return 0;
}

/* 0 or -errno of a conversation that cannot go on. */
static int take(struct talk *talk, const struct nlmsghdr *m)
{
    if (m->nlmsg_seq - talk->nl->first_seq >
        talk->nl->seq - talk->nl->first_seq)
        return 0; /* an answer to something older */
    if ((m->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
        talk->is_torn = true;
    if (m->nlmsg_type == NLMSG_ERROR)
        return take_verdict(talk, m);
    if (m->nlmsg_type == NLMSG_DONE) {
        const int32_t *code = netlink_header(m, sizeof *code);
        if (code != NULL && *code < 0 && talk->result == 0)
            talk->result =
                err_sys(talk->e, *code, "%s", about_of(talk->nl, m->nlmsg_seq));
        talk->waiting = 0;
        return 0;
    }
    if (talk->each == NULL || m->nlmsg_type < NLMSG_MIN_TYPE)
        return 0;
    return talk->each(talk->arg, m, talk->e);
}

/* All messages in the datagram of `n` bytes. */
static int take_each(struct talk *talk, size_t n)
{
    for (size_t at = 0; at < n;) {
        const struct nlmsghdr *m = (void *)(talk->nl->in + at);
        if (n - at < NLMSG_HDRLEN || m->nlmsg_len < NLMSG_HDRLEN ||
            m->nlmsg_len > n - at)
            return err_set(talk->e, EBADMSG, "netlink: a broken answer");
        int r = take(talk, m);
        if (r < 0)
            return r;
        at += netlink_align(m->nlmsg_len);
    }
    return 0;
}

/* Send, and hear until all is answered. What was begun is still there. */
static int converse(struct talk *talk)
{
    bool ignored;
    talk->waiting = talk->is_dump ? 1 : count_answers(talk->nl, 0, &ignored);
    int r = send_all(talk->nl, talk->e);
    talk->nl->is_refused = r < 0;
    while (r == 0 && talk->waiting > 0) {
        ssize_t n = receive(talk->nl, talk->e);
        r = n < 0 ? (int)n : take_each(talk, (size_t)n);
    }
    talk->nl->is_refused |= r == 0 && talk->result < 0;
    return r < 0 ? r : talk->result;
}

int netlink_ask(struct netlink *nl, netlink_each *each, void *arg,
                struct err *e)
{
    struct talk talk = {.nl = nl, .each = each, .arg = arg, .e = e};
    int r = converse(&talk);
    forget(nl);
    return r;
}

int netlink_talk(struct netlink *nl, struct err *e)
{
    return netlink_ask(nl, NULL, NULL, e);
}

/* --- tables --------------------------------------------------------------- */

static int keep(void *arg, const struct nlmsghdr *m, struct err *e)
{
    (void)e;
    static const char padding[NLMSG_ALIGNTO];
    struct text *kept = arg;
    text_addn(kept, m, m->nlmsg_len);
    text_addn(kept, padding, netlink_align(kept->len) - kept->len);
    return 0;
}

/* The whole table, as it was at one moment. */
static int collect(struct netlink *nl, struct text *kept, struct err *e)
{
    for (int i = 0; i < DUMP_TRIES; i++) {
        struct talk talk = {
            .nl = nl, .each = keep, .arg = kept, .e = e, .is_dump = true};
        int r = converse(&talk);
        if (r < 0 || !talk.is_torn)
            return r;
        text_clear(kept);
        /* A new number, so that nothing left of the old answer is taken. */
        message_at(nl, nl->at)->nlmsg_seq = nl->first_seq = ++nl->seq;
    }
    return err_sys(e, EAGAIN, "%s", about_of(nl, nl->first_seq));
}

int netlink_dump(struct netlink *nl, netlink_each *each, void *arg,
                 struct err *e)
{
    auto_text struct text kept = {0};
    int r = collect(nl, &kept, e);
    forget(nl);
    for (size_t at = 0; r == 0 && at < kept.len;) {
        const struct nlmsghdr *m = (void *)(kept.s + at);
        r = each(arg, m, e);
        at += netlink_align(m->nlmsg_len);
    }
    return r;
}
