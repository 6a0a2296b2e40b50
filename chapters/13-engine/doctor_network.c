/* Networks: what root's are made of, and what ordinary users' need instead. All
 * is tried in a network namespace that ends with the child that tries. */
#include "doctor.h"

#include "link.h"
#include "own.h"
#include "rules.h"
#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

static int make_bridge(void *arg, struct err *e)
{
    (void)arg;
    auto_netlink struct netlink *nl = NULL;
    int r = netlink_open(&nl, NETLINK_ROUTE, -1, e);
    return r < 0 ? r : link_add_bridge(nl, "bridge", 0, e);
}

static int make_cable(void *arg, struct err *e)
{
    (void)arg;
    const struct link_veth veth = {
        .name = "veth", .peer = "eth0", .peer_ns = -1};
    auto_netlink struct netlink *nl = NULL;
    int r = netlink_open(&nl, NETLINK_ROUTE, -1, e);
    return r < 0 ? r : link_add_veth(nl, &veth, e);
}

/* The rules of a network, in full. */
static int apply_rules(void *arg, struct err *e)
{
    (void)arg;
    struct rules_network network = {
        .id = "000000000000", .bridge = "bridge", .masquerade = true};
    ip_net_parse("192.0.2.0/24", &network.net);
    ip_net_parse("2001:db8::/64", &network.net6);
    auto_free char *text = rules_text(&network);
    return rules_apply(text, e);
}

enum { BRIDGE, CABLE, RULES };
static const struct {
    int (*act)(void *arg, struct err *e);
    const char *remedy;
} trials[] = {
    [BRIDGE] = {make_bridge, "modprobe bridge, or boot a kernel that has it"},
    [CABLE] = {make_cable,  "modprobe veth, or boot a kernel that has it"  },
    [RULES] = {apply_rules,
                "modprobe nf_tables, or boot a kernel that has CONFIG_NF_TABLES "
               "with _INET and _BRIDGE, NFT_CT, NFT_NAT, NFT_MASQ and "
               "NFT_FIB_INET"                                               },
};

/* Ordinary users' containers have networks of another kind. */
static bool is_for_root(const struct doctor *doctor, struct doctor_finding *f)
{
    if (doctor->facts.user != 0)
        doctor_say(f, DOCTOR_OK, NULL, "only root's networks need it");
    return doctor->facts.user != 0;
}

static void look_by_trying(const struct doctor *doctor, int which,
                           struct doctor_finding *f)
{
    struct err e = {0};
    if (is_for_root(doctor, f))
        return;
    if (which == RULES && !doctor_has("nft")) {
        doctor_say(f, DOCTOR_WARN, "apt-get install nftables",
                   "cannot be tried without nft");
        return;
    }
    fflush(NULL);
    if (trial_run(CLONE_NEWNET, trials[which].act, NULL, &e) == 0)
        doctor_say(f, DOCTOR_OK, NULL, "there");
    else
        doctor_say(f, DOCTOR_WARN, trials[which].remedy, "%s", e.msg);
}

static void look_at_nft(const struct doctor *doctor, int which,
                        struct doctor_finding *f)
{
    (void)which;
    if (is_for_root(doctor, f))
        return;
    if (doctor_has("nft"))
        doctor_say(f, DOCTOR_OK, NULL, "installed");
    else
        doctor_say(f, DOCTOR_WARN, "apt-get install nftables",
                   "not installed: containers have --network none or host");
}

static void look_at_tun(const struct doctor *doctor, int which,
                        struct doctor_finding *f)
{
    (void)which;
    auto_fd int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        doctor_say(f, DOCTOR_OK, NULL, "/dev/net/tun");
    else if (doctor->facts.user == 0)
        doctor_say(f, DOCTOR_OK, NULL,
                   "not there, or not to be opened: only ordinary users' "
                   "networks need it");
    else
        doctor_say(f, DOCTOR_WARN,
                   errno == EACCES ? "as root, chmod 666 /dev/net/tun"
                                   : "as root, modprobe tun; or mkdir -p "
                                     "/dev/net && mknod -m 666 /dev/net/tun "
                                     "c 10 200",
                   "cannot be opened: containers have no way out");
}

static void look_at_pasta(const struct doctor *doctor, int which,
                          struct doctor_finding *f)
{
    (void)which;
    const char *found = doctor_has("pasta")         ? "pasta"
                        : doctor_has("slirp4netns") ? "slirp4netns"
                                                    : NULL;
    if (found != NULL)
        doctor_say(f, DOCTOR_OK, NULL, "%s", found);
    else if (doctor->facts.user == 0)
        doctor_say(f, DOCTOR_OK, NULL,
                   "not installed: only ordinary users' networks need it");
    else
        doctor_say(f, DOCTOR_WARN, "apt-get install passt",
                   "neither pasta nor slirp4netns is installed: containers "
                   "have no way out");
}

/* clang-format off */
const struct doctor_check doctor_network[] = {
    {"bridge", "containers of one network reach each other",
     look_by_trying, BRIDGE},
    {"veth", "a container has a card", look_by_trying, CABLE},
    {"nft", "networks are kept apart, ports published", look_at_nft, 0},
    {"nftables", "the kernel's part of that", look_by_trying, RULES},
    {"tun device", "a way out for ordinary users' containers",
     look_at_tun, 0},
    {"pasta", "a way out for ordinary users' containers", look_at_pasta, 0},
    {0},
};
/* clang-format on */
