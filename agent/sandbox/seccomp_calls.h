// The system calls by their kinds, for seccomp_filter.cpp: names between spaces. What an
// architecture does not have, or the libseccomp of the building machine does not know, is left out.
#pragma once

#include <string_view>

namespace muster::agent::calls {

// ---- What any program needs that reads files, computes and prints.

inline constexpr std::string_view kMemory =
    "brk madvise mmap mmap2 mprotect mremap munmap memfd_create membarrier";

// What may be opened is Landlock's to say, and how is a rule of arguments.
inline constexpr std::string_view kOpenFiles =
    "close close_range dup dup2 dup3 fadvise64 fadvise64_64 fcntl fcntl64 fdatasync flock fstat "
    "fstat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 getdents getdents64 _llseek lseek pipe "
    "pipe2 pread64 preadv pwrite64 pwritev read readahead readv sendfile sendfile64 write writev";

// That a file is there, and how it is. getxattr is for access control lists, which say who may read
// a private key beside those that its mode tells of.
inline constexpr std::string_view kPaths =
    "access chdir faccessat faccessat2 fchdir fstatat64 getcwd getxattr lstat lstat64 newfstatat "
    "readlink readlinkat stat stat64 statfs statfs64 statx";

inline constexpr std::string_view kWaiting =
    "clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep "
    "clock_nanosleep_time64 epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd2 futex "
    "futex_time64 getitimer gettimeofday nanosleep _newselect pause poll ppoll ppoll_time64 "
    "pselect6 pselect6_time64 restart_syscall sched_yield select setitimer time times";

inline constexpr std::string_view kItself =
    "arch_prctl capget exit exit_group getegid getegid32 geteuid geteuid32 getgid getgid32 "
    "getgroups getgroups32 getpgid getpgrp getpid getppid getpriority getrandom getresgid "
    "getresuid getrlimit getrusage getsid gettid getuid getuid32 rseq rt_sigaction rt_sigpending "
    "rt_sigprocmask rt_sigreturn rt_sigtimedwait sched_getaffinity set_robust_list "
    "set_tid_address sigaction sigaltstack sigprocmask sigreturn sysinfo ugetrlimit umask uname";

// ---- What network probes need besides; which sockets are made and what is set on them are rules
// of arguments.

inline constexpr std::string_view kSockets =
    "connect getpeername getsockname getsockopt recv recvfrom recvmmsg recvmsg send sendmmsg "
    "sendmsg sendto shutdown timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime "
    "timerfd_settime64";

// ---- What a probe needs besides that is given a socket which is connected.

inline constexpr std::string_view kConnectedSocket =
    "getsockname getsockopt recvfrom recvmsg sendmsg sendto";

// ---- What a probe with children needs besides.

inline constexpr std::string_view kChildren =
    "clone execve execveat fork kill setpgid tgkill vfork wait4 waitid waitpid";

// ---- What a sanitizer needs besides: never in a release.

inline constexpr std::string_view kSanitizers =
    "clone kill personality prctl prlimit64 process_vm_readv ptrace sched_getparam "
    "sched_getscheduler setrlimit tgkill wait4";

// ---- Changes of a file system: refused as on one that is mounted read-only, since Landlock says
// nothing of modes, owners and times, and a library that tries one need not end its probe.

inline constexpr std::string_view kChangesOfFiles =
    "chmod chown chown32 creat fallocate fchmod fchmodat fchmodat2 fchown fchown32 fchownat "
    "fremovexattr fsetxattr futimesat lchown lchown32 link linkat lremovexattr lsetxattr mkdir "
    "mkdirat mknod mknodat removexattr rename renameat renameat2 rmdir setxattr symlink symlinkat "
    "truncate truncate64 unlink unlinkat utime utimensat utimensat_time64 utimes";

// ---- What nothing that only looks has a reason to call: it ends the probe.

inline constexpr std::string_view kOtherProcesses =
    "kcmp pidfd_getfd pidfd_open pidfd_send_signal process_madvise process_mrelease "
    "process_vm_readv process_vm_writev ptrace rt_sigqueueinfo rt_tgsigqueueinfo tkill";

inline constexpr std::string_view kPrivileges =
    "capset setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setregid "
    "setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setuid setuid32";

inline constexpr std::string_view kMounts =
    "chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_by_handle_at "
    "open_tree pivot_root setns umount umount2 unshare";

// A process that leaves its group is not found by who ends the group.
inline constexpr std::string_view kLeaving = "setpgid setsid";

inline constexpr std::string_view kListening = "accept accept4 bind listen";

inline constexpr std::string_view kKernel =
    "_sysctl acct add_key adjtimex bpf clock_adjtime clock_adjtime64 clock_settime clock_settime64 "
    "create_module delete_module fanotify_init finit_module init_module io_uring_enter "
    "io_uring_register io_uring_setup ioperm iopl kexec_file_load kexec_load keyctl lookup_dcookie "
    "migrate_pages modify_ldt move_pages nfsservctl perf_event_open personality quotactl "
    "quotactl_fd reboot request_key setdomainname sethostname settimeofday stime swapoff swapon "
    "sysfs syslog userfaultfd vhangup vm86 vm86old";

}  // namespace muster::agent::calls
