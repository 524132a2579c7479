#include <cerrno>
#include <iostream>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>
static std::string escaped;
static void probe(const char * name, long number) {
    errno = 0;
    if (syscall(number, -1L, -1L, -1L, -1L, -1L, -1L) != -1 || errno != EPERM) escaped += std::string(" ") + name + "=" + std::to_string(errno);
}
int main() {
#ifdef SYS_unshare
    probe("unshare", SYS_unshare);
#endif
#ifdef SYS_setns
    probe("setns", SYS_setns);
#endif
#ifdef SYS_mount
    probe("mount", SYS_mount);
#endif
#ifdef SYS_umount2
    probe("umount2", SYS_umount2);
#endif
#ifdef SYS_pivot_root
    probe("pivot_root", SYS_pivot_root);
#endif
#ifdef SYS_chroot
    probe("chroot", SYS_chroot);
#endif
#ifdef SYS_ptrace
    probe("ptrace", SYS_ptrace);
#endif
#ifdef SYS_process_vm_readv
    probe("process_vm_readv", SYS_process_vm_readv);
#endif
#ifdef SYS_process_vm_writev
    probe("process_vm_writev", SYS_process_vm_writev);
#endif
#ifdef SYS_kcmp
    probe("kcmp", SYS_kcmp);
#endif
#ifdef SYS_bpf
    probe("bpf", SYS_bpf);
#endif
#ifdef SYS_keyctl
    probe("keyctl", SYS_keyctl);
#endif
#ifdef SYS_add_key
    probe("add_key", SYS_add_key);
#endif
#ifdef SYS_request_key
    probe("request_key", SYS_request_key);
#endif
#ifdef SYS_userfaultfd
    probe("userfaultfd", SYS_userfaultfd);
#endif
#ifdef SYS_perf_event_open
    probe("perf_event_open", SYS_perf_event_open);
#endif
#ifdef SYS_kexec_load
    probe("kexec_load", SYS_kexec_load);
#endif
#ifdef SYS_init_module
    probe("init_module", SYS_init_module);
#endif
#ifdef SYS_finit_module
    probe("finit_module", SYS_finit_module);
#endif
#ifdef SYS_delete_module
    probe("delete_module", SYS_delete_module);
#endif
#ifdef SYS_open_by_handle_at
    probe("open_by_handle_at", SYS_open_by_handle_at);
#endif
#ifdef SYS_name_to_handle_at
    probe("name_to_handle_at", SYS_name_to_handle_at);
#endif
#ifdef SYS_swapon
    probe("swapon", SYS_swapon);
#endif
#ifdef SYS_swapoff
    probe("swapoff", SYS_swapoff);
#endif
#ifdef SYS_reboot
    probe("reboot", SYS_reboot);
#endif
#ifdef SYS_acct
    probe("acct", SYS_acct);
#endif
#ifdef SYS_quotactl
    probe("quotactl", SYS_quotactl);
#endif
#ifdef SYS_settimeofday
    probe("settimeofday", SYS_settimeofday);
#endif
#ifdef SYS_clock_settime
    probe("clock_settime", SYS_clock_settime);
#endif
#ifdef SYS_clock_adjtime
    probe("clock_adjtime", SYS_clock_adjtime);
#endif
#ifdef SYS_adjtimex
    probe("adjtimex", SYS_adjtimex);
#endif
#ifdef SYS_sethostname
    probe("sethostname", SYS_sethostname);
#endif
#ifdef SYS_setdomainname
    probe("setdomainname", SYS_setdomainname);
#endif
#ifdef SYS_syslog
    probe("syslog", SYS_syslog);
#endif
#ifdef SYS_vhangup
    probe("vhangup", SYS_vhangup);
#endif
#ifdef SYS_migrate_pages
    probe("migrate_pages", SYS_migrate_pages);
#endif
#ifdef SYS_move_pages
    probe("move_pages", SYS_move_pages);
#endif
#ifdef SYS_fanotify_init
    probe("fanotify_init", SYS_fanotify_init);
#endif
#ifdef SYS_fanotify_mark
    probe("fanotify_mark", SYS_fanotify_mark);
#endif
#ifdef SYS_seccomp
    probe("seccomp", SYS_seccomp);
#endif
#ifdef SYS_move_mount
    probe("move_mount", SYS_move_mount);
#endif
#ifdef SYS_open_tree
    probe("open_tree", SYS_open_tree);
#endif
#ifdef SYS_fsopen
    probe("fsopen", SYS_fsopen);
#endif
#ifdef SYS_fsconfig
    probe("fsconfig", SYS_fsconfig);
#endif
#ifdef SYS_fsmount
    probe("fsmount", SYS_fsmount);
#endif
#ifdef SYS_fspick
    probe("fspick", SYS_fspick);
#endif
#ifdef SYS_mount_setattr
    probe("mount_setattr", SYS_mount_setattr);
#endif
#ifdef SYS_process_madvise
    probe("process_madvise", SYS_process_madvise);
#endif
#ifdef SYS_pidfd_getfd
    probe("pidfd_getfd", SYS_pidfd_getfd);
#endif
#ifdef SYS_io_uring_setup
    probe("io_uring_setup", SYS_io_uring_setup);
#endif
#ifdef SYS_io_uring_enter
    probe("io_uring_enter", SYS_io_uring_enter);
#endif
#ifdef SYS_io_uring_register
    probe("io_uring_register", SYS_io_uring_register);
#endif
#ifdef SYS_kexec_file_load
    probe("kexec_file_load", SYS_kexec_file_load);
#endif
#ifdef SYS_iopl
    probe("iopl", SYS_iopl);
#endif
#ifdef SYS_ioperm
    probe("ioperm", SYS_ioperm);
#endif
#ifdef SYS_modify_ldt
    probe("modify_ldt", SYS_modify_ldt);
#endif
#ifdef SYS_flock
    probe("flock", SYS_flock);
#endif
#ifdef SYS_inotify_init1
    probe("inotify_init1", SYS_inotify_init1);
#endif
#ifdef SYS_memfd_secret
    probe("memfd_secret", SYS_memfd_secret);
#endif
#ifdef SYS_quotactl_fd
    probe("quotactl_fd", SYS_quotactl_fd);
#endif
#ifdef SYS_lookup_dcookie
    probe("lookup_dcookie", SYS_lookup_dcookie);
#endif

    long long sum = 0, number = 0;
    while (std::cin >> number) sum += number;
    if (escaped.empty()) std::cout << sum << "\n";
    else std::cout << "escaped:" << escaped << "\n";
}
