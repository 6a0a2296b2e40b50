/* Docker's default profile lies in this folder as JSON, in the format that
 * custom profiles have, so that one reader serves both. The assembler puts the
 * file into the program as it is. */
#include "filter_parts.h"

__asm__(".section .rodata.filter_default, \"a\"\n"
        ".global filter_default_begin, filter_default_end\n"
        "filter_default_begin:\n"
        ".incbin \"default-profile.json\"\n"
        "filter_default_end:\n"
        ".byte 0\n"
        ".previous\n");
