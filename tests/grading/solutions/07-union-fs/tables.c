/* What to do is looked up. */

/* @lab 7.3 */
static int put_link(struct pack *pack, const char *first, struct err *e)
{
    archive_entry_set_size(pack->entry, 0);
    archive_entry_set_hardlink(pack->entry, first);
    return write_header(pack, e);
}

static int put_opened(struct pack *pack, int entry, const struct stat *st,
                      const char *name, struct err *e)
{
    const char *first;
    int r;
    switch (st->st_mode & S_IFMT) {
    case S_IFSOCK:
        pack_notice(pack, name, "skipping: it is a socket");
        return 0;
    case S_IFREG:
        describe(pack, st, name);
        first = links_first(&pack->links, st, name);
        if (first != NULL)
            return put_link(pack, first, e);
        r = add_details(pack, entry, st, e);
        return r < 0 ? r : put_file(pack, entry, st, name, e);
    default:
        describe(pack, st, name);
        first = links_first(&pack->links, st, name);
        if (first != NULL)
            return put_link(pack, first, e);
        r = add_details(pack, entry, st, e);
        return r < 0 ? r : write_header(pack, e);
    }
}

/* @lab 7.4 */
static int unchanged(const struct diff *diff, struct place *place,
                     struct err *e)
{
    (void)diff;
    (void)place;
    (void)e;
    return 0;
}

static int visit(const struct diff *diff, struct place *place, struct err *e)
{
    enum { NOT_NAMED, LEFT_OUT, MARKED, THERE };
    static int (*const table[][2])(const struct diff *, struct place *,
                                   struct err *) = {
        [NOT_NAMED] = {unchanged, unchanged},
        [LEFT_OUT] = {unchanged, deleted  },
        [MARKED] = {unchanged, deleted  },
        [THERE] = {added,     both     },
    };
    int now = place->above != NULL ? place->above->is_whiteout ? MARKED : THERE
              : diff->is_sheet && !place->up->hides ? NOT_NAMED
                                                    : LEFT_OUT;
    return table[now][place->below != NULL](diff, place, e);
}
