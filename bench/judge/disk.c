/* A disk for LD_PRELOAD, slower than the real one and less kind:
 *
 *   DISK_SYNC_MS=20      a sync takes so long, and then as long as it takes
 *   DISK_SHADOW=FOLDER   of every database and its log, the state at its last sync is kept there; whoever puts it back after a kill has
 *                        what a power cut leaves, for what was written and not synced may be gone then
 *
 * Files are read through the descriptor that is synced: to open one and close it again would end SQLite's locks on it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void take_long(void)
{
    const char *given = getenv("DISK_SYNC_MS");
    long ms = given ? atol(given) : 0;
    struct timespec pause = {ms / 1000, (ms % 1000) * 1000000};
    if (ms > 0)
        nanosleep(&pause, NULL);
}

/* Copy what a descriptor reads, whole or not at all. */
static void copy(int from, const char *to)
{
    char half[PATH_MAX + 32], bytes[1 << 16];
    off_t at = 0;
    ssize_t length;
    snprintf(half, sizeof half, "%s.%d", to, gettid());
    int copied = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (copied < 0)
        return;
    while ((length = pread(from, bytes, sizeof bytes, at)) > 0 && write(copied, bytes, length) == length)
        at += length;
    close(copied);
    if (length == 0)
        renameat(AT_FDCWD, half, AT_FDCWD, to);
    else
        unlink(half);
}

static void keep(int file)
{
    const char *shadow = getenv("DISK_SHADOW");
    char link[64], path[PATH_MAX], to[PATH_MAX * 2];
    if (!shadow)
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return;
    path[length] = 0;
    char *name = strrchr(path, '/');
    if (!name || !strstr(name, ".db") || strstr(name, " (deleted)"))
        return;
    for (char *each = path; *each; each++)
        if (*each == '/')
            *each = '%';
    snprintf(to, sizeof to, "%s/%s", shadow, path);
    copy(file, to);
}

static int sync_by(const char *name, int file)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    take_long();
    int result = real(file);
    if (result == 0)
        keep(file);
    return result;
}

int fsync(int file)
{
    return sync_by("fsync", file);
}

int fdatasync(int file)
{
    return sync_by("fdatasync", file);
}

/* A file that gets another name, or one more, is as far on the disk as it was: a database is made as a draft, and linked. */
static void name_too(const char *from, const char *to)
{
    const char *shadow = getenv("DISK_SHADOW");
    char path[PATH_MAX], kept[PATH_MAX * 2], also[PATH_MAX * 2];
    const char *names[] = {from, to};
    char *places[] = {kept, also};
    if (!shadow || !strstr(to, ".db"))
        return;
    for (int each = 0; each < 2; each++) {
        if (!realpath(names[each], path)) /* gone by a rename: drafts are named whole */
            snprintf(path, sizeof path, "%s", names[each]);
        for (char *at = path; *at; at++)
            if (*at == '/')
                *at = '%';
        snprintf(places[each], PATH_MAX * 2, "%s/%s", shadow, path);
    }
    int file = open(kept, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    copy(file, also);
    close(file);
}

int link(const char *from, const char *to)
{
    int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "link");
    int result = real(from, to);
    if (result == 0)
        name_too(from, to);
    return result;
}

int rename(const char *from, const char *to)
{
    int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    int result = real(from, to);
    if (result == 0)
        name_too(from, to);
    return result;
}
