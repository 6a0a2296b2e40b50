/* A function for each version instead of questions in between. */

/* @lab 4.2 */
static int join_v1(int dir, struct err *e)
{
    return files_write(dir, "tasks", "0", e);
}
static int join_v2(int dir, struct err *e)
{
    return is_member(dir) ? 0 : files_write(dir, "cgroup.procs", "0", e);
}

int cg_join(const struct cg *cg, struct err *e)
{
    for (int version = 1; version <= 2; version++)
        for (size_t i = 0; i < cg->layout.n; i++) {
            if (cg->layout.v[i].version != version || cg->dirs[i] < 0)
                continue;
            int r = (version == 1 ? join_v1 : join_v2)(cg->dirs[i], e);
            if (r < 0)
                return err_add(e, "join %s/%s", cg->layout.v[i].mount,
                               cg->path);
        }
    return 0;
}

/* @lab 4.3 */
struct turning {
    const struct cg *cg;
    const struct knob *knob;
    const struct cg_limits *limits;
    int64_t value;
    int dir, version;
};

static int turn_at(const struct turning *t, const struct knob_place *place,
                   const char *bfq_file, struct err *e)
{
    auto_text struct text spelled = {0};
    if (place->file == NULL)
        return pass_over(t->knob, t->version, t->value, t->limits, e);
    place->spell(&spelled, t->value, t->limits);
    if (spelled.len == 0)
        return 0;
    int bfq = write_bfq(t->dir, bfq_file, t->value, e);
    if (bfq != 0 && bfq != -ENOENT)
        return bfq;
    int r = files_write(t->dir, place->file, spelled.s, e);
    if (r != -ENOENT)
        return r;
    if (bfq == 0)
        return 0;
    return t->knob->optional
               ? pass_over(t->knob, t->version, t->value, t->limits, e)
               : r;
}

static int turn_knob(const struct cg *cg, const struct knob *knob,
                     const struct cg_limits *limits, struct err *e)
{
    struct turning t = {.cg = cg, .knob = knob, .limits = limits};
    t.value = *(const int64_t *)((const char *)limits + knob->limit);
    if (t.value == CG_UNSET)
        return 0;
    t.dir = cg_need_dir(cg, knob->controller, e);
    if (t.dir < 0)
        return t.dir;
    t.version = cg_version(cg, knob->controller);
    return t.version == 1 ? turn_at(&t, &knob->v1, knob->bfq[0], e)
                          : turn_at(&t, &knob->v2, knob->bfq[1], e);
}

/* @lab 4.5 */
static int set_frozen_v2(int dir, bool frozen, struct err *e)
{
    int r = files_write(dir, "cgroup.freeze", frozen ? "1" : "0", e);
    return r == 0 ? cg_wait_event(dir, "frozen", frozen, e) : r;
}

static int set_frozen(const struct cg *cg, bool frozen, struct err *e)
{
    switch (cg_version(cg, CG_FREEZER)) {
    case 1:
        return set_state_v1(cg_dir(cg, CG_FREEZER),
                            frozen ? "FROZEN" : "THAWED", e);
    case 2:
        return set_frozen_v2(cg_dir(cg, CG_FREEZER), frozen, e);
    default:
        return err_set(e, EOPNOTSUPP, "no freezer");
    }
}
