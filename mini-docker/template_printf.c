/* Templates: print, println and printf, with the verbs of Go's package fmt. */
#include "template_parts.h"

#include "own.h"

#include <ctype.h>
#include <string.h>

/* What stands between % and the verb. */
struct verb {
    bool left, zero, plus, sharp, has_precision;
    int width, precision;
    char letter;
};

/* Go refuses more. */
enum { WIDEST = 1000000 };

static int read_number(const char **at)
{
    int n = 0;
    for (; isdigit((unsigned char)**at); (*at)++)
        n = n > WIDEST ? n : n * 10 + (**at - '0');
    return n > WIDEST ? 0 : n;
}

static const char *read_verb(const char *s, struct verb *ret)
{
    *ret = (struct verb){0};
    for (; *s != '\0' && strchr("-0+# ", *s) != NULL; s++) {
        ret->left |= *s == '-';
        ret->zero |= *s == '0';
        ret->plus |= *s == '+';
        ret->sharp |= *s == '#';
    }
    ret->width = read_number(&s);
    ret->has_precision = *s == '.';
    if (ret->has_precision) {
        s++;
        ret->precision = read_number(&s);
    }
    ret->letter = *s;
    return *s == '\0' ? s : s + 1;
}

/* Go's width counts characters. */
static void add_padded(struct text *out, const struct verb *verb, char *s)
{
    int used = 0;
    for (const char *c = s; *c != '\0'; c++)
        used += ((unsigned char)*c & 0xc0) != 0x80;
    int room = verb->width > used ? verb->width - used : 0;
    bool zeros = verb->zero && !verb->left;
    bool is_signed = zeros && (*s == '-' || *s == '+');
    if (is_signed)
        text_addn(out, s++, 1);
    for (int i = 0; !verb->left && i < room; i++)
        text_add(out, zeros ? "0" : " ");
    text_addf(out, "%s%*s", s, verb->left ? room : 0, "");
}

static void add_integer(struct text *out, const struct verb *verb,
                        json_int_t value)
{
    unsigned long long size = value < 0 ? 0ULL - (unsigned long long)value
                                        : (unsigned long long)value;
    text_add(out, value < 0 ? "-" : verb->plus ? "+" : "");
    switch (verb->letter) {
    case 'x':
        text_addf(out, "%s%llx", verb->sharp ? "0x" : "", size);
        break;
    case 'X':
        text_addf(out, "%s%llX", verb->sharp ? "0X" : "", size);
        break;
    case 'o':
        text_addf(out, "%llo", size);
        break;
    default:
        text_addf(out, "%llu", size);
    }
}

/* The string itself, or its first characters. */
static void add_string(struct text *out, const struct verb *verb, const char *s)
{
    size_t len = strlen(s);
    for (size_t i = 0, n = 0; verb->has_precision && i < len; i++) {
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
        if (n > (size_t)verb->precision)
            len = i;
    }
    auto_free char *cut = text_format("%.*s", (int)len, s);
    if (verb->letter == 'q') {
        template_add_quoted(out, cut);
    } else if (verb->letter == 'x' || verb->letter == 'X') {
        for (const char *c = cut; *c != '\0'; c++)
            text_addf(out, verb->letter == 'x' ? "%02x" : "%02X",
                      (unsigned char)*c);
    } else {
        text_add(out, cut);
    }
}

/* "%!d(string=x)": the verb is not for this type. */
static void add_wrong(struct text *out, char letter, const json_t *value)
{
    text_addf(out, "%%!%c(%s=", letter, template_type(value));
    template_add_value(out, value);
    text_add(out, ")");
}

static void add_list(struct text *out, const struct verb *verb,
                     const json_t *list);

static void add_item(struct text *out, const struct verb *verb,
                     const json_t *value)
{
    char letter = verb->letter;
    if (value == NULL || json_is_null(value)) {
        text_add(out, letter == 'v' ? "<nil>" : "");
        if (letter != 'v')
            text_addf(out, "%%!%c(<nil>)", letter);
    } else if (letter == 'T') {
        text_add(out, template_type(value));
    } else if (json_is_array(value) && letter != 'v') {
        add_list(out, verb, value);
    } else if (json_is_string(value) && strchr("svqxX", letter) != NULL) {
        add_string(out, verb, json_string_value(value));
    } else if (json_is_integer(value) && strchr("dvxXo", letter) != NULL) {
        add_integer(out, verb, json_integer_value(value));
    } else if (json_is_real(value) && strchr("fFeEgG", letter) != NULL) {
        text_addf(out,
                  letter == 'e'   ? "%.*e"
                  : letter == 'g' ? "%.*g"
                                  : "%.*f",
                  verb->has_precision && verb->precision < 100 ? verb->precision
                                                               : 6,
                  json_real_value(value));
    } else if (letter == 'v' || (json_is_boolean(value) && letter == 't')) {
        template_add_value(out, value);
    } else {
        add_wrong(out, letter, value);
    }
}

static void add_list(struct text *out, const struct verb *verb,
                     const json_t *list)
{
    size_t i;
    const json_t *item;
    text_add(out, "[");
    json_array_foreach(list, i, item)
    {
        text_add(out, i > 0 ? " " : "");
        add_item(out, verb, item);
    }
    text_add(out, "]");
}

/* One verb with its argument. */
static void add_verb(struct text *out, const struct verb *verb,
                     const struct template_call *call, size_t *used)
{
    if (verb->letter == '\0') {
        text_add(out, "%!(NOVERB)");
    } else if (verb->letter == '%') {
        text_add(out, "%");
    } else if (*used >= call->n) {
        text_addf(out, "%%!%c(MISSING)", verb->letter);
    } else {
        auto_text struct text item = {0};
        text_add(&item, "");
        add_item(&item, verb, call->args[(*used)++]);
        add_padded(out, verb, item.s);
    }
}

int template_printf(struct template_call *call, json_t **ret)
{
    auto_text struct text out = {0};
    const char *s = json_string_value(call->args[0]);
    size_t used = 1;
    while (*s != '\0') {
        size_t plain = strcspn(s, "%");
        text_addn(&out, s, plain);
        s += plain;
        struct verb verb;
        if (*s == '\0')
            break;
        s = read_verb(s + 1, &verb);
        add_verb(&out, &verb, call, &used);
    }
    for (size_t i = used; i < call->n; i++) {
        text_addf(&out, "%s%s=", i == used ? "%!(EXTRA " : ", ",
                  template_type(call->args[i]));
        template_add_value(&out, call->args[i]);
    }
    text_add(&out, used < call->n ? ")" : "");
    *ret = template_keep_text(call->run, &out);
    return 0;
}

/* print puts a blank between two where neither is a string. */
int template_print(struct template_call *call, json_t **ret)
{
    auto_text struct text out = {0};
    for (size_t i = 0; i < call->n; i++) {
        bool is_apart = i > 0 && !json_is_string(call->args[i]) &&
                        !json_is_string(call->args[i - 1]);
        text_add(&out, is_apart ? " " : "");
        add_item(&out, &(struct verb){.letter = 'v'}, call->args[i]);
    }
    *ret = template_keep_text(call->run, &out);
    return 0;
}

int template_println(struct template_call *call, json_t **ret)
{
    auto_text struct text out = {0};
    for (size_t i = 0; i < call->n; i++) {
        text_add(&out, i > 0 ? " " : "");
        add_item(&out, &(struct verb){.letter = 'v'}, call->args[i]);
    }
    text_add(&out, "\n");
    *ret = template_keep_text(call->run, &out);
    return 0;
}
