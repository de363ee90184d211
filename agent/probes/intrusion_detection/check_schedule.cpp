#include "agent/probes/intrusion_detection/check_schedule.h"

#include <algorithm>
#include <string>

#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/scheduled_jobs.h"
#include "agent/probes/protection/text_lines.h"

namespace muster::intrusion_detection {
namespace {

// "/usr/bin/aide", "AIDE=/usr/bin/aide", "'aide", and not /var/log/aide.
bool is_program(std::string_view word, const std::vector<std::string_view>& programs) {
  while (word.ends_with('"') || word.ends_with('\''))
    word.remove_suffix(1);
  const size_t name = word.find_last_of("/=\"'") + 1;
  const std::string_view place = word.substr(0, name);
  if (place.ends_with('/') && !place.ends_with("bin/")) return false;
  return std::find(programs.begin(), programs.end(), word.substr(name)) != programs.end();
}

bool is_check(std::string_view command, const CheckCommand& check) {
  while (!command.empty()) {
    if (!is_program(protection::take_word(command), check.programs)) continue;
    std::string words = " ";
    while (!command.empty())
      words.append(protection::take_word(command)).append(" ");
    return std::none_of(check.other_uses.begin(), check.other_uses.end(),
                        [&words](std::string_view use) {
                          return words.find(" " + std::string(use) + " ") != std::string::npos;
                        });
  }
  return false;
}

}  // namespace

bool has_check(std::string_view script, const CheckCommand& check) {
  while (!script.empty()) {
    std::string_view line = protection::take_line(script);
    while (!line.empty()) {
      if (is_check(protection::take_command(line), check)) return true;
    }
  }
  return false;
}

void tell_check_schedule(const protection::ProductLook& look, const CheckCommand& check,
                         v1::ProtectionProduct& product) {
  protection::ScheduledJobs jobs = protection::jobs_that_call(look.root, check.programs);
  std::erase_if(jobs.jobs, [&check](const auto& job) { return !has_check(job.text, check); });
  if (jobs.jobs.empty() && !jobs.unread.empty()) {
    return protection::add_unread(product, "checks_scheduled", jobs.unread);
  }
  product.set_checks_scheduled(protection::answer(!jobs.jobs.empty()));
  for (const protection::ScheduledJob& job : jobs.jobs)
    protection::add_source(product, job.name);
}

}  // namespace muster::intrusion_detection
