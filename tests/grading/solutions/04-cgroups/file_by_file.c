/* Each file is read anew, for each number in it; from the last to the first. */

/* @lab 4.3 */
static int turn_knob(const struct cg *cg, const struct knob *knob,
                     const struct cg_limits *limits, struct err *e)
{
    int64_t value;
    memcpy(&value, (const char *)limits + knob->limit, sizeof value);
    int dir = value == CG_UNSET ? 0 : cg_need_dir(cg, knob->controller, e);
    if (value == CG_UNSET || dir < 0)
        return dir;
    int version = cg_version(cg, knob->controller), bfq, r;
    const struct knob_place place = version == 2 ? knob->v2 : knob->v1;
    if (place.file == NULL)
        return pass_over(knob, version, value, limits, e);
    auto_text struct text spelled = {0};
    place.spell(&spelled, value, limits);
    if (spelled.len == 0)
        return 0;
    r = files_write(dir, place.file, spelled.s, e);
    if (r < 0 && r != -ENOENT)
        return r;
    bfq = write_bfq(dir, knob->bfq[version == 2], value, e);
    if (r == 0 || bfq == 0)
        return bfq == -ENOENT ? 0 : bfq;
    if (bfq != -ENOENT)
        return bfq;
    return knob->optional ? pass_over(knob, version, value, limits, e)
                          : files_write(dir, place.file, spelled.s, e);
}

/* @lab 4.4 */
static int read_counters(const struct cg *cg, const struct cg_table *table,
                         void *ret, struct last *last, struct err *e)
{
    (void)last;
    for (size_t i = table->n; i-- > 0;) {
        struct cg_counter counter = table->v[i];
        int version = cg_version(cg, counter.controller);
        struct cg_place place = version == 2 ? counter.v2 : counter.v1;
        auto_text struct text text = {0};
        if (version == 0 || place.file == NULL)
            continue;
        text_add(&text, "");
        int r =
            files_read(cg_dir(cg, counter.controller), place.file, &text, e);
        if (r < 0 && r != -ENOENT && r != -EOPNOTSUPP)
            return r;
        uint64_t *number = (uint64_t *)((char *)ret + counter.stat);
        *number = value_of(text.s, &place);
    }
    return 0;
}
