#include "agent/probes/intrusion_detection/check_schedule.h"

#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/scheduled_jobs.h"

namespace muster::intrusion_detection {

void tell_check_schedule(const protection::ProductLook& look,
                         std::initializer_list<std::string_view> programs,
                         v1::ProtectionProduct& product) {
  const protection::ScheduledJobs jobs = protection::jobs_that_call(look.root, programs);
  if (jobs.jobs.empty() && !jobs.unread.empty()) {
    return protection::add_unread(product, "checks_scheduled", jobs.unread);
  }
  product.set_checks_scheduled(protection::answer(!jobs.jobs.empty()));
  for (const protection::ScheduledJob& job : jobs.jobs)
    protection::add_source(product, job.name);
}

}  // namespace muster::intrusion_detection
