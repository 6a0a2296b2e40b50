#include "terminal.h"

#include "sys.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { USUAL_ROWS = 24, USUAL_COLUMNS = 80 };

bool terminal_has_cursor(int fd)
{
    const char *term = getenv("TERM");
    return isatty(fd) == 1 && term != NULL && strcmp(term, "dumb") != 0;
}

bool terminal_has_colours(int fd)
{
    const char *no = getenv("NO_COLOR");
    return terminal_has_cursor(fd) && (no == NULL || no[0] == '\0');
}

struct winsize terminal_size(int fd)
{
    struct winsize size = {0};
    int r = sys_ioctl(fd, TIOCGWINSZ, &size);
    if (r < 0 || size.ws_row == 0)
        size.ws_row = USUAL_ROWS;
    if (r < 0 || size.ws_col == 0)
        size.ws_col = USUAL_COLUMNS;
    return size;
}
