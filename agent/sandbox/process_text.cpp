#include "agent/sandbox/process_text.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdlib>
#include <string_view>

#include "common/descriptor.h"

namespace muster::agent {
namespace {

// Up to the time of its start, which is the 20th word after the name.
std::string_view kept_of_stat(std::string_view line) {
  size_t end = line.rfind(')');
  for (int word = 0; word <= 20 && end != std::string_view::npos; ++word)
    end = line.find(' ', end + 1);
  return line.substr(0, end);
}

// Of "Uid:\t1000\t1000\t1000\t1000" the first, the real one (proc_pid_status(5)).
std::string_view user_of_status(std::string_view text) {
  constexpr std::string_view kUser = "\nUid:\t";
  const size_t at = text.find(kUser);
  return at == std::string_view::npos ? "" : text.substr(at + kUser.size());
}

std::string_view all_of(std::string_view text) {
  return text;
}

uint32_t copy_small(int directory, const char* name, std::string_view (*keep)(std::string_view),
                    std::string& texts) {
  const Descriptor file(::openat(directory, name, O_RDONLY | O_CLOEXEC));
  std::array<char, kMostOfSmallText> text;
  const ssize_t count = ::read(file.get(), text.data(), text.size());
  if (count <= 0) return 0;
  const std::string_view kept = keep({text.data(), static_cast<size_t>(count)});
  texts += kept;
  return static_cast<uint32_t>(kept.size());
}

}  // namespace

uint32_t copy_stat(int process, std::string& texts) {
  return copy_small(process, "stat", &kept_of_stat, texts);
}

uint32_t copy_control_groups(int process, std::string& texts) {
  return copy_small(process, "cgroup", &all_of, texts);
}

uint64_t user_of(int process) {
  std::string text;
  copy_small(process, "status", &user_of_status, text);
  return text.empty() ? kUnknownUser : std::strtoull(text.c_str(), nullptr, 10);
}

void for_each_process(const char* proc, const std::function<void(int number, int process)>& take) {
  DIR* const directory = ::opendir(proc);
  if (directory == nullptr) return;
  while (const dirent* const entry = ::readdir(directory)) {
    if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) == 0) continue;
    const Descriptor process(
        ::openat(::dirfd(directory), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (process.get() >= 0) take(std::atoi(entry->d_name), process.get());
  }
  ::closedir(directory);
}

}  // namespace muster::agent
