/* The instructions there are: how each one's words are split and judged. */
#include "dockerfile_parts.h"
#include "suggest.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Short names for a table that fits its page. */
#define KIND(name) #name, DOCKERFILE_##name
#define SPLIT(how) dockerfile_split_##how
#define CHECK(what) dockerfile_check_##what

static const struct dockerfile_rule rules[] = {
    {KIND(ADD),         SPLIT(list),    CHECK(copy)   },
    {KIND(ARG),         SPLIT(quoted),  CHECK(pairs)  },
    {KIND(CMD),         SPLIT(command), CHECK(any)    },
    {KIND(COPY),        SPLIT(list),    CHECK(copy)   },
    {KIND(ENTRYPOINT),  SPLIT(command), CHECK(any)    },
    {KIND(ENV),         SPLIT(pairs),   CHECK(pairs)  },
    {KIND(EXPOSE),      SPLIT(words),   CHECK(any)    },
    {KIND(FROM),        SPLIT(words),   CHECK(from)   },
    {KIND(HEALTHCHECK), SPLIT(health),  CHECK(health) },
    {KIND(LABEL),       SPLIT(pairs),   CHECK(pairs)  },
    {KIND(MAINTAINER),  SPLIT(whole),   CHECK(one)    },
    {KIND(ONBUILD),     SPLIT(whole),   CHECK(trigger)},
    {KIND(RUN),         SPLIT(command), CHECK(any)    },
    {KIND(SHELL),       SPLIT(command), CHECK(shell)  },
    {KIND(STOPSIGNAL),  SPLIT(whole),   CHECK(one)    },
    {KIND(USER),        SPLIT(whole),   CHECK(one)    },
    {KIND(VOLUME),      SPLIT(list),    CHECK(volume) },
    {KIND(WORKDIR),     SPLIT(whole),   CHECK(one)    },
};

int dockerfile_find_rule(struct dockerfile_parse *p, const char *word,
                         const struct dockerfile_rule **ret, struct err *e)
{
    const char *names[COUNT(rules)];
    for (size_t i = 0; i < COUNT(rules); i++) {
        names[i] = rules[i].name;
        if (strcasecmp(word, rules[i].name) != 0)
            continue;
        *ret = &rules[i];
        return 0;
    }
    dockerfile_blame(p, word);
    err_set(e, EINVAL, "unknown instruction: %.60s", word);
    suggest_add(word, names, COUNT(rules), e);
    return -EINVAL;
}
