// In the place of muster-agent and of every probe for launcher_program_test.cpp. As `muster-agent
// probe-requests` it does what the name of its configuration says; as a probe it hangs.
#include <poll.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "agent/launcher_program/request_table.h"
#include "agent/looking/probe_list.h"

namespace {

[[noreturn]] void hang() {
  while (true)
    ::poll(nullptr, 0, -1);
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0) ::_exit(9);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

// With requests of so many bytes together.
std::string good_table(size_t requests_size) {
  const size_t rows = muster::agent::all_probes().size();
  muster::agent::RequestTable table;
  table.rows.assign(rows, {.enabled = true,
                           .timeout_milliseconds = 60'000,
                           .request = std::string(requests_size / rows, 'r'),
                           .paths = {}});
  return muster::agent::write_request_table(table);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) hang();
  const std::string_view config = argv[argc - 1];
  const std::string_view act = config.substr(config.rfind('/') + 1);
  if (act == "hangs") hang();
  if (act == "floods") {
    while (true)
      write_all(STDOUT_FILENO, std::string(65536, 'x'));
  }
  if (act == "fills-the-table") {
    write_all(STDOUT_FILENO, std::string(muster::agent::kRequestTableLimit, 'x'));
    return 0;
  }
  if (act == "complains") write_all(STDERR_FILENO, std::string(1 << 20, 'e') + "its end");
  if (act == "fails") write_all(STDERR_FILENO, "agent.yml:1:1: nonsense");
  if (act == "fails" || act == "complains" || act == "fails-silently") return 1;
  if (act == "crashes") __builtin_trap();
  write_all(STDOUT_FILENO, good_table(act == "large" ? 2'400'000 : 0));
  return 0;
}
