#include "seat.h"

#include "field.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_KEYS "ctrl-p,ctrl-q"

int seat_init(struct engine_seat *ret, const json_t *doc, struct err *e)
{
    const json_t *proxy = field_get(doc, "Cli.SigProxy");
    const char *keys = field_string(doc, "Cli.DetachKeys");
    *ret = (struct engine_seat){.signals = !json_is_false(proxy)};
    return attach_read_keys(
        keys != NULL && keys[0] != '\0' ? keys : DEFAULT_KEYS, &ret->keys, e);
}

int seat_check_input(bool terminal, bool input, struct err *e)
{
    return terminal && input && !isatty(STDIN_FILENO)
               ? err_set(e, ENOTTY, "the input device is not a TTY")
               : 0;
}

void seat_put_size(json_t *doc, const char *path)
{
    struct winsize size;
    if (field_bool(doc, "Tty") && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        doc_set(doc, path, json_pack("[i, i]", size.ws_row, size.ws_col));
}

int seat_check_left(int code, struct err *e)
{
    return code == ENGINE_DETACHED
               ? err_set(e, ECANCELED, "read escape sequence")
               : code;
}

int seat_result(const struct engine_seat *seat, int code)
{
    if (code >= 0 && seat->unclean.code != 0)
        command_complain(seat->unclean.msg);
    return code == ENGINE_DETACHED ? 0 : code;
}
