#include "agent/probes/protection/scheduled_jobs.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "agent/probes/probe_program.h"
#include "agent/probes/protection/text_lines.h"
#include "agent/probes/root_files.h"
#include "agent/probes/systemd_units.h"

namespace muster::protection {
namespace {

constexpr size_t kLargestScript = 256 << 10;
constexpr size_t kMostFiles = 1000;
constexpr size_t kMostJobs = 50;

// The system's, and root's own, where Fedora, Debian and SUSE have it: a user's would say what the
// user likes.
constexpr std::array<const char*, 5> kCrontabs = {
    "/etc/crontab", "/etc/anacrontab", "/var/spool/cron/root", "/var/spool/cron/crontabs/root",
    "/var/spool/cron/tabs/root"};
constexpr const char* kCrontabDirectory = "/etc/cron.d";
constexpr std::array<const char*, 4> kScriptDirectories = {"/etc/cron.hourly", "/etc/cron.daily",
                                                           "/etc/cron.weekly", "/etc/cron.monthly"};
// Where an administrator's own scripts are looked into.
constexpr std::array<std::string_view, 3> kOwnScripts = {"/etc/cron.", "/usr/local/bin/",
                                                         "/usr/local/sbin/"};

// What looks at a program or speaks of it: words behind it start nothing.
constexpr std::array<std::string_view, 26> kStartsNothing = {
    "true",  "false", ":",     "echo",    "printf", "logger", "test", "[",     "[[",
    "-v",    "which", "type",  "cat",     "grep",   "ls",     "rm",   "touch", "chmod",
    "chown", "kill",  "pkill", "killall", "pgrep",  "pidof",  "mail", "mailx"};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

bool has_word(std::string_view line, std::string_view word) {
  for (size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool begins = at == 0 || !is_word(line[at - 1]);
    if (begins && (end == line.size() || !is_word(line[end]))) return true;
  }
  return false;
}

// Where a comment begins in a command; its size: nowhere.
size_t comment_of(std::string_view command) {
  for (size_t at = command.find('#'); at != std::string_view::npos;
       at = command.find('#', at + 1)) {
    if (at == 0 || command[at - 1] == ' ' || command[at - 1] == '\t') return at;
  }
  return command.size();
}

class JobSearch {
 public:
  JobSearch(const std::string& root, std::vector<std::string_view> programs)
      : root_(root), programs_(std::move(programs)) {
    ignores_dots_ = probe::status_in_root(root, "/etc/debian_version").ok();
    struct stat top {};
    if (::stat(root.empty() ? "/" : root.c_str(), &top) == 0) owner_ = top.st_uid;
  }

  void add_timers() {
    const auto timers = probe::units_wanted_by(root_, "timers.target");
    if (!timers.ok()) return note_text(std::string(timers.status().message()));
    for (const std::string& timer : *timers) {
      if (!timer.ends_with(".timer")) continue;
      const auto text = probe::unit_text(root_, timer);
      if (absl::IsNotFound(text.status())) continue;
      if (!text.ok()) {
        note(timer, text.status());
        continue;
      }
      const auto units = probe::unit_values(*text, "Unit");
      const std::string service = units.empty() ? timer.substr(0, timer.rfind('.')) + ".service"
                                                : std::string(units.back());
      const auto commands = probe::unit_text(root_, service);
      if (absl::IsNotFound(commands.status())) continue;
      if (!commands.ok()) {
        note(service, commands.status());
        continue;
      }
      for (const std::string_view command : probe::unit_values(*commands, "ExecStart")) {
        ScheduledJob job{timer, {}, probe::timer_stamp(root_, timer)};
        if (finds_call(command, job)) add(std::move(job));
      }
    }
  }

  void add_crontabs() {
    for (const char* path : kCrontabs)
      add_crontab(path);
    for (const std::string& path : files_of(kCrontabDirectory)) {
      if (!is_passed_over(path)) add_crontab(path);
    }
  }

  void add_scripts() {
    for (const char* directory : kScriptDirectories) {
      for (const std::string& path : files_of(directory)) {
        if (is_passed_over(path) || !is_executable(path)) continue;
        const auto script = read(path);
        if (!script.ok() || !calls(*script, programs_)) continue;
        if (is_roots(path)) add({path, *script, std::nullopt});
      }
    }
  }

  ScheduledJobs take() { return std::move(found_); }

 private:
  void note(const std::string& path, const absl::Status& status) {
    note_text(fmt::format("{}: {}", path,
                          std::string_view(status.message().data(), status.message().size())));
  }
  void note_text(std::string text) {
    if (found_.unread.empty()) found_.unread = std::move(text);
  }

  void add(ScheduledJob job) {
    if (found_.jobs.size() < kMostJobs) found_.jobs.push_back(std::move(job));
  }

  absl::StatusOr<std::string> read(const std::string& path) {
    absl::StatusOr<std::string> text = probe::read_in_root(root_, path, kLargestScript);
    if (!text.ok() && !absl::IsNotFound(text.status())) note(path, text.status());
    return text;
  }

  // Regular files only: what else lies there is nothing that cron reads.
  std::vector<std::string> files_of(const std::string& directory) {
    std::vector<std::string> files;
    const auto names = probe::list_in_root(root_, directory, kMostFiles);
    if (!names.ok()) {
      if (!absl::IsNotFound(names.status())) note(directory, names.status());
      return files;
    }
    for (const std::string& name : *names) {
      const std::string path = directory + "/" + name;
      const auto status = probe::status_in_root(root_, path);
      if (status.ok() && status->kind == probe::FileKind::kRegular) files.push_back(path);
    }
    return files;
  }

  // Debian's cron(8) and run-parts(8) pass over names with a dot; all pass over what editors and
  // packages leave behind.
  bool is_passed_over(std::string_view path) const {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    if (ignores_dots_) return name.find_first_of(".~") != std::string_view::npos;
    return name.starts_with('.') || name.ends_with('~') || name.ends_with(".rpmsave") ||
           name.ends_with(".rpmnew") || name.ends_with(".rpmorig");
  }

  bool is_executable(const std::string& path) const {
    struct stat found {};
    return ::stat(probe::resolve_in_root(root_, path).c_str(), &found) == 0 &&
           S_ISREG(found.st_mode) && (found.st_mode & S_IXUSR) != 0;
  }

  // Of what others may write nothing is believed, and that is said. Root of an image is whose its
  // top is.
  bool is_roots(const std::string& path) {
    struct stat found {};
    const bool is_safe = ::stat(probe::resolve_in_root(root_, path).c_str(), &found) == 0 &&
                         (found.st_uid == 0 || found.st_uid == owner_) &&
                         (found.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    if (!is_safe) {
      note_text(path + ": others than root may write it: chown root and chmod go-w");
    }
    return is_safe;
  }

  void add_crontab(const std::string& path) {
    const auto text = read(path);
    if (!text.ok()) return;
    std::string_view rest = *text;
    while (!rest.empty()) {
      ScheduledJob job{path, {}, std::nullopt};
      if (finds_call(take_line(rest), job) && is_roots(path)) add(std::move(job));
    }
  }

  // A command line that calls a program, or starts a script that does: the job's text is then the
  // one or the other.
  bool finds_call(std::string_view line, ScheduledJob& job) {
    job.text = line;
    if (calls(line, programs_)) return true;
    if (line.starts_with('#')) return false;
    while (!line.empty()) {
      const std::string_view command = take_command(line);
      for (size_t at = command.find('/'); at != std::string_view::npos;
           at = command.find('/', at)) {
        const size_t end = std::min(command.find_first_of(" \t'\"<>", at), command.size());
        const std::string path(command.substr(at, end - at));
        at = end;
        if (is_own_call(path, job)) return true;
      }
    }
    return false;
  }

  bool is_own_call(const std::string& path, ScheduledJob& job) {
    const bool is_own = std::any_of(kOwnScripts.begin(), kOwnScripts.end(),
                                    [&path](auto own) { return path.starts_with(own); });
    if (!is_own || !is_executable(path)) return false;
    auto script = read(path);
    if (!script.ok() || !script->starts_with("#!") || !calls(*script, programs_)) return false;
    if (!is_roots(path)) return false;
    job.text = *std::move(script);
    return true;
  }

  const std::string& root_;
  const std::vector<std::string_view> programs_;
  bool ignores_dots_ = false;
  uid_t owner_ = 0;
  ScheduledJobs found_;
};

}  // namespace

std::string_view take_command(std::string_view& line) {
  const size_t end = std::min(line.find_first_of(";|&()`"), line.size());
  std::string_view command = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  if (const size_t comment = comment_of(command); comment < command.size()) {
    command = command.substr(0, comment);
    line = {};
  }
  std::string_view rest = command;
  while (!rest.empty()) {
    std::string_view word = take_word(rest);
    word.remove_prefix(std::min(word.find_first_not_of("'\""), word.size()));
    for (const std::string_view directory : {"/usr/bin/", "/bin/"}) {
      if (word.starts_with(directory)) word.remove_prefix(directory.size());
    }
    if (std::find(kStartsNothing.begin(), kStartsNothing.end(), word) != kStartsNothing.end()) {
      return command.substr(0, static_cast<size_t>(word.data() - command.data()));
    }
  }
  return command;
}

bool calls(std::string_view script, const std::vector<std::string_view>& programs) {
  while (!script.empty()) {
    std::string_view line = take_line(script);
    if (line.starts_with('#')) continue;
    while (!line.empty()) {
      const std::string_view command = take_command(line);
      const auto is_in = [command](auto program) { return has_word(command, program); };
      if (std::any_of(programs.begin(), programs.end(), is_in)) return true;
    }
  }
  return false;
}

ScheduledJobs jobs_that_call(const std::string& root, std::vector<std::string_view> programs) {
  JobSearch search(root, std::move(programs));
  search.add_timers();
  search.add_crontabs();
  search.add_scripts();
  return search.take();
}

}  // namespace muster::protection
