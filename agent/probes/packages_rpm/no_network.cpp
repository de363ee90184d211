// As libdnf starts it lets librepo, which fetches for it, start libcurl; that starts libldap and
// SASL, which look up the name of this machine and write to the system log, both through a socket.
// A sandboxed probe has none and fetches nothing. A function of the program comes before the
// library's own of the same name (ld.so(8)), so librepo is not started here.
extern "C" void lr_global_init();

extern "C" void lr_global_init() {}
