// What libdnf would fetch with, librepo, is not loaded: this program takes its place. librepo
// brings libcurl, GnuTLS, Kerberos, LDAP and GPGME, which are half of the libraries and more than
// half of the time until main(), and of which libcurl, as it starts, looks up this machine's name
// through a socket. A sandboxed probe has no sockets and fetches nothing, so none of it is ever
// called.
//
// The loader takes a library for loaded whose name (DT_SONAME) a loaded object has, and the program
// is linked with librepo's (CMakeLists.txt); a function of the program comes before a library's own
// (ld.so(8)). libdnf is bound at its start: where another version of it wants one more function,
// the program does not start and says which.
#include <cstdio>
#include <cstdlib>

namespace {

[[noreturn]] void is_not_here(const char* function) {
  std::fprintf(stderr, "libdnf called %s: this probe has no librepo and fetches nothing\n",
               function);
  std::abort();
}

}  // namespace

// What libdnf calls of librepo, and of GPGME, which it links through librepo. Callers pass what the
// libraries' own functions take; none of these returns.
// NOLINTBEGIN(readability-identifier-naming): the libraries' names.
#define MUSTER_NOT_HERE(function) \
  extern "C" void function();     \
  extern "C" void function() {    \
    is_not_here(#function);       \
  }

// libdnf starts librepo as it is loaded.
extern "C" void lr_global_init();
extern "C" void lr_global_init() {}

MUSTER_NOT_HERE(gpgme_ctx_set_engine_info)
MUSTER_NOT_HERE(gpgme_data_new)
MUSTER_NOT_HERE(gpgme_data_new_from_fd)
MUSTER_NOT_HERE(gpgme_data_new_from_mem)
MUSTER_NOT_HERE(gpgme_data_read)
MUSTER_NOT_HERE(gpgme_data_release)
MUSTER_NOT_HERE(gpgme_data_rewind)
MUSTER_NOT_HERE(gpgme_key_release)
MUSTER_NOT_HERE(gpgme_new)
MUSTER_NOT_HERE(gpgme_op_export)
MUSTER_NOT_HERE(gpgme_op_import)
MUSTER_NOT_HERE(gpgme_op_keylist_end)
MUSTER_NOT_HERE(gpgme_op_keylist_next)
MUSTER_NOT_HERE(gpgme_op_keylist_start)
MUSTER_NOT_HERE(gpgme_release)
MUSTER_NOT_HERE(gpgme_set_armor)
MUSTER_NOT_HERE(gpgme_strerror)
MUSTER_NOT_HERE(lr_checksum_fd_cmp)
MUSTER_NOT_HERE(lr_checksum_fd_compare)
MUSTER_NOT_HERE(lr_checksum_type)
MUSTER_NOT_HERE(lr_download_packages)
MUSTER_NOT_HERE(lr_download_url)
MUSTER_NOT_HERE(lr_free)
MUSTER_NOT_HERE(lr_gpg_import_key)
MUSTER_NOT_HERE(lr_handle_free)
MUSTER_NOT_HERE(lr_handle_getinfo)
MUSTER_NOT_HERE(lr_handle_init)
MUSTER_NOT_HERE(lr_handle_perform)
MUSTER_NOT_HERE(lr_handle_setopt)
MUSTER_NOT_HERE(lr_log_librepo_summary)
MUSTER_NOT_HERE(lr_package_downloader_error_quark)
MUSTER_NOT_HERE(lr_packagetarget_free)
MUSTER_NOT_HERE(lr_packagetarget_new_v2)
MUSTER_NOT_HERE(lr_packagetarget_new_v3)
MUSTER_NOT_HERE(lr_prepend_url_protocol)
MUSTER_NOT_HERE(lr_result_clear)
MUSTER_NOT_HERE(lr_result_free)
MUSTER_NOT_HERE(lr_result_getinfo)
MUSTER_NOT_HERE(lr_result_init)
MUSTER_NOT_HERE(lr_url_substitute)
MUSTER_NOT_HERE(lr_urlvars_set)
MUSTER_NOT_HERE(lr_yum_repomd_get_highest_timestamp)
// NOLINTEND(readability-identifier-naming)
