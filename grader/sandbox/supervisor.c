/* The small program around a learner's program: it enters the box's control group outside the box, and inside it starts
 * the program, tells its start and end, reaps what it left, and sends the declared files.
 *
 * Without a C library: half a millisecond of every dynamic or static start is glibc asking a virtual machine for its
 * processor's caches, and a box would pay that for each of three programs (shell, setpriv, shell).
 *
 *   enter COUNT FILE... COMMAND...        write "0" to each file (cgroup.procs), become COMMAND
 *   expendable COMMAND...                 be the first that the kernel ends when memory runs out, become COMMAND
 *   run USER LIMITS COLLECT FILES FOLDERS COMMAND...
 *   host USER LIMITS COMMAND...           the program stays: requests, replies and exchange memory wait on 4, 5 and 6
 *
 * USER is the learner's number, or "" when this process has that user already. LIMITS are lines of resource and bytes,
 * seconds or number. COLLECT is the shell script that writes FILES (a name a line, "" for none) as an archive, after
 * FOLDERS were seen to be no links. Marks go to descriptor 3, which the program does not get: "S", and "E" with the
 * program's status and the microseconds of processor time.
 */

typedef unsigned long word;

#if defined(__x86_64__)
enum { WRITE = 1, CLOSE = 3, CLONE = 56, EXECVE = 59, WAIT4 = 61, KILL = 62, GETRUSAGE = 98, SETGROUPS = 116,
       SETRESUID = 117, SETRESGID = 119, CAPSET = 126, PRCTL = 157, EXIT_GROUP = 231, OPENAT = 257, DUP3 = 292,
       PRLIMIT64 = 302, CLOSE_RANGE = 436 };
__asm__(".globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
static long ask(long number, word a, word b, word c, word d) {
    register word r10 __asm__("r10") = d;
    register word r8 __asm__("r8") = 0;
    long answer;
    __asm__ volatile("syscall" : "=a"(answer) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return answer;
}
#elif defined(__aarch64__)
enum { WRITE = 64, CLOSE = 57, CLONE = 220, EXECVE = 221, WAIT4 = 260, KILL = 129, GETRUSAGE = 165, SETGROUPS = 159,
       SETRESUID = 147, SETRESGID = 149, CAPSET = 91, PRCTL = 167, EXIT_GROUP = 94, OPENAT = 56, DUP3 = 24,
       PRLIMIT64 = 261, CLOSE_RANGE = 436 };
__asm__(".globl _start\n_start:\n mov x0, sp\n bl begin\n");
static long ask(long number, word a, word b, word c, word d) {
    register word x8 __asm__("x8") = (word)number;
    register word x0 __asm__("x0") = a;
    register word x1 __asm__("x1") = b;
    register word x2 __asm__("x2") = c;
    register word x3 __asm__("x3") = d;
    register word x4 __asm__("x4") = 0;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return (long)x0;
}
#else
#error "the supervisor knows x86_64 and aarch64"
#endif

enum { CONTROL = 3, CPU_SECONDS = 0, SIGCHLD = 17, SIGKILL = 9, EINTR = 4, ENOENT = 2, ENOEXEC = 8, EINVAL = 22 };
enum { AT_FDCWD = -100, O_WRONLY = 1, O_RDWR = 2, RUSAGE_CHILDREN = -1 };
enum { PR_CAPBSET_DROP = 24, PR_SET_NO_NEW_PRIVS = 38, CAPABILITIES_3 = 0x20080522 };
enum { CANNOT = 125, NOT_STARTED = 126, NOT_FOUND = 127, BY_SIGNAL = 128 };

struct limit { word soft, hard; };
struct usage { long user_s, user_us, system_s, system_us, rest[14]; };

static word length(const char *text) {
    word n = 0;
    while (text[n]) n++;
    return n;
}

static int same(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

static void say(int to, const char *text) { ask(WRITE, to, (word)text, length(text), 0); }

static void number(int to, word value) {
    char text[24], *at = text + sizeof text - 1;
    *at = 0;
    do *--at = '0' + value % 10; while (value /= 10);
    say(to, at);
}

static void leave(int status) {
    for (;;) ask(EXIT_GROUP, status, 0, 0, 0);
}

static void give_up(int status, const char *what, const char *name, long error) {
    say(2, what);
    say(2, name);
    say(2, " (error ");
    number(2, -error);
    say(2, ")\n");
    leave(status);
}

static word read_number(const char **text) {
    word value = 0;
    while (**text >= '0' && **text <= '9') value = value * 10 + (word)(*(*text)++ - '0');
    if (**text) (*text)++;
    return value;
}

static long write_file(const char *path, const char *text) {
    long file = ask(OPENAT, AT_FDCWD, (word)path, O_WRONLY, 0);
    if (file < 0) return file;
    long written = ask(WRITE, file, (word)text, length(text), 0);
    ask(CLOSE, file, 0, 0, 0);
    return written;
}

/* One try of a name; a text without an interpreter's line is a shell script, as for every shell. */
static long become(const char *path, char **command, char **environment) {
    long error = ask(EXECVE, (word)path, (word)command, (word)environment, 0);
    if (error == -ENOEXEC) {
        command[0] = (char *)path;
        command[-1] = "sh"; /* what stood there was read before */
        error = ask(EXECVE, (word) "/bin/sh", (word)(command - 1), (word)environment, 0);
    }
    return error;
}

static void start(char **command, char **environment) {
    static char path[8192];
    const char *name = command[0], *from = "";
    long error = -ENOENT;
    for (const char *c = name; *c; c++)
        if (*c == '/') from = 0;
    if (!from) error = become(name, command, environment);
    for (char **e = environment; from && *e; e++) {
        const char *variable = "PATH=", *text = *e;
        while (*variable && *variable == *text) variable++, text++;
        if (!*variable) from = text;
    }
    while (from && *from) {
        word n = 0;
        while (*from && *from != ':' && n < 4000) path[n++] = *from++;
        if (*from) from++;
        path[n++] = '/';
        if (length(name) >= sizeof path - n) break;
        for (const char *c = name; (path[n++] = *c); c++) {}
        long now = become(path, command, environment);
        if (now != -ENOENT) error = now;
    }
    give_up(error == -ENOENT ? NOT_FOUND : NOT_STARTED, "cannot start ", name, error);
}

static void set_limits(const char *lines) {
    while (*lines) {
        word resource = read_number(&lines), most = read_number(&lines);
        struct limit now, wanted = {most, most + (resource == CPU_SECONDS)}; /* SIGXCPU first, then the end */
        long error = ask(PRLIMIT64, 0, resource, 0, (word)&now);
        if (!error && now.hard < wanted.hard) wanted.soft = wanted.hard = now.hard;
        if (!error) error = ask(PRLIMIT64, 0, resource, (word)&wanted, 0);
        if (error) give_up(CANNOT, "cannot set a limit", "", error);
    }
}

/* Become the learner for good: no other groups, no capability in any set, none to be had again. */
static void become_user(const char *user) {
    if (!*user) return;
    word id = read_number(&user);
    struct { unsigned version; int process; } header = {CAPABILITIES_3, 0};
    unsigned none[6] = {0, 0, 0, 0, 0, 0};
    long error = ask(PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0);
    if (!error) error = ask(SETGROUPS, 0, 0, 0, 0);
    if (!error) error = ask(SETRESGID, id, id, id, 0);
    for (word capability = 0; !error; capability++) {
        error = ask(PRCTL, PR_CAPBSET_DROP, capability, 0, 0);
        if (error == -EINVAL && capability > 30) { /* past the last one that this kernel knows */
            error = 0;
            break;
        }
    }
    if (!error) error = ask(SETRESUID, id, id, id, 0);
    if (!error) error = ask(CAPSET, (word)&header, (word)none, 0, 0);
    if (error) give_up(CANNOT, "cannot become the learner's user", "", error);
}

static void close_from(word first) {
    if (ask(CLOSE_RANGE, first, 0xffffffff, 0, 0))
        for (word fd = first; fd < 1024; fd++) ask(CLOSE, fd, 0, 0, 0);
}

static long fork(void) {
    long child = ask(CLONE, SIGCHLD, 0, 0, 0);
    if (child < 0) give_up(CANNOT, "cannot start another process", "", child);
    return child;
}

/* A child's status as shells give it. Orphans come to the first process of a box and are reaped on the way. */
static int wait_for(long child) {
    int status = 0;
    for (;;) {
        long gone = ask(WAIT4, -1, (word)&status, 0, 0);
        if (gone == child) break;
        if (gone < 0 && gone != -EINTR) return CANNOT;
    }
    return status & 0x7f ? BY_SIGNAL + (status & 0x7f) : (status >> 8) & 0xff;
}

static void silence(void) {
    long null = ask(OPENAT, AT_FDCWD, (word) "/dev/null", O_RDWR, 0);
    for (int fd = 0; fd < 3; fd++)
        if (null >= 0 && null != fd) ask(DUP3, null, fd, 0, 0);
    if (null > 2) ask(CLOSE, null, 0, 0, 0);
}

/* Send the files. A killed process may still end what it asked of the kernel, so the others must be gone, not only
 * killed; then nobody is left to swap a folder for a link, or to look into the shell. */
static void collect(const char *user, const char *script, const char *files, const char *folders, char **environment) {
    become_user(user);
    while (ask(KILL, -1, SIGKILL, 0, 0) == 0) {}
    ask(DUP3, CONTROL, 1, 0, 0);
    close_from(CONTROL);
    char *shell[] = {"/bin/sh", "-c", (char *)script, "sh", (char *)files, (char *)folders, 0};
    ask(EXECVE, (word)shell[0], (word)shell, (word)environment, 0);
    leave(CANNOT);
}

static void supervise(int stays, char **words, char **environment) {
    const char *user = words[0], *limits = words[1];
    char **command = words + (stays ? 2 : 5);
    say(CONTROL, "S");
    long child = fork();
    if (!child) {
        for (int fd = CONTROL; stays && fd < CONTROL + 3; fd++) ask(DUP3, fd + 1, fd, 0, 0);
        close_from(stays ? CONTROL + 3 : CONTROL);
        set_limits(limits);
        become_user(user);
        start(command, environment);
    }
    silence();
    close_from(CONTROL + 1);
    int status = wait_for(child);
    struct usage used;
    ask(GETRUSAGE, RUSAGE_CHILDREN, (word)&used, 0, 0);
    say(CONTROL, "E");
    if (!stays) {
        number(CONTROL, status);
        say(CONTROL, " ");
        number(CONTROL, (used.user_s + used.system_s) * 1000000 + used.user_us + used.system_us);
        say(CONTROL, "\n");
        if (*words[3]) {
            child = fork();
            if (!child) collect(user, words[2], words[3], words[4], environment);
            wait_for(child);
        }
    }
    leave(status);
}

__attribute__((used)) void begin(word *stack) {
    int count = (int)stack[0];
    char **words = (char **)(stack + 1), **environment = words + count + 1;
    if (count > 2 && same(words[1], "enter")) {
        const char *text = words[2];
        int files = (int)read_number(&text);
        if (files < 0 || files > count - 4) leave(CANNOT);
        for (int i = 0; i < files; i++) {
            long error = write_file(words[3 + i], "0");
            if (error < 0) give_up(CANNOT, "cannot enter ", words[3 + i], error);
        }
        start(words + 3 + files, environment);
    }
    if (count > 2 && same(words[1], "expendable")) {
        write_file("/proc/self/oom_score_adj", "1000");
        start(words + 2, environment);
    }
    if (count > 7 && same(words[1], "run")) supervise(0, words + 2, environment);
    if (count > 4 && same(words[1], "host")) supervise(1, words + 2, environment);
    leave(CANNOT);
}
