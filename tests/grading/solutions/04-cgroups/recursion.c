/* What repeats calls itself. */

/* @lab 4.2 */
static int join_from(const struct cg *cg, size_t i, struct err *e)
{
    if (i == cg->layout.n)
        return 0;
    bool v2 = cg->layout.v[i].version == 2;
    int r = 0;
    if (cg->dirs[i] >= 0 && !(v2 && is_member(cg->dirs[i])))
        r = files_write(cg->dirs[i], v2 ? "cgroup.procs" : "tasks", "0", e);
    return r < 0 ? err_add(e, "join %s", cg->layout.v[i].mount)
                 : join_from(cg, i + 1, e);
}

int cg_join(const struct cg *cg, struct err *e)
{
    return join_from(cg, 0, e);
}

/* @lab 4.4 */
static int read_counters(const struct cg *cg, const struct cg_table *table,
                         void *ret, struct last *last, struct err *e)
{
    if (table->n == 0)
        return 0;
    const struct cg_counter *first = table->v;
    const struct cg_table rest = {first + 1, table->n - 1};
    int dir = cg_dir(cg, first->controller);
    const struct cg_place *place =
        cg_version(cg, first->controller) == 2 ? &first->v2 : &first->v1;
    if (dir >= 0 && place->file != NULL) {
        int r = look(last, dir, place->file, e);
        if (r < 0)
            return r;
        *(uint64_t *)((char *)ret + first->stat) =
            value_of(last->text.s, place);
    }
    return read_counters(cg, &rest, ret, last, e);
}

/* @lab 4.7 */
static int destroy_in_round(struct cg *cg, unsigned int round, struct err *e)
{
    int r = remove_all(cg, e);
    if (r != -EBUSY)
        return r;
    if (round >= 3 && (r = cg_kill(cg, e)) < 0)
        return r;
    for (size_t i = 0; round >= 3 && i < cg->layout.n; i++)
        if (cg->dirs[i] >= 0)
            remove_children(cg->dirs[i]);
    return cg_pause(round) ? destroy_in_round(cg, round + 1, e) : -EBUSY;
}

int cg_destroy(struct cg *cg, struct err *e)
{
    int r = destroy_in_round(cg, 0, e);
    return r < 0 ? err_add(e, "remove cgroup %s", cg->path) : 0;
}
