// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/chance.h"

#include <algorithm>

namespace ashlar::ops {

namespace {
class NotedRandom final : public Random {
 public:
  NotedRandom(Random& real, std::shared_ptr<std::string> drawn, std::size_t given)
      : real_(real), drawn_(std::move(drawn)), given_(given) {}
  void fill(char* bytes, std::size_t count) override {
    std::size_t again = std::min(count, given_ - used_);
    std::copy_n(drawn_->data() + used_, again, bytes);
    used_ += again;
    if (again == count) return;
    real_.fill(bytes + again, count - again);
    drawn_->append(bytes + again, count - again);
  }

  void stir(std::string_view text) override { real_.stir(text); }

 private:
  Random& real_;
  std::shared_ptr<std::string> drawn_;
  std::size_t given_, used_ = 0;
};
}  // namespace

Chance::Chance(System& sys) : sys_(sys), drawn_(std::make_shared<std::string>()), seconds_(sys.now()) { stand_in(0); }

Chance::Chance(System& sys, std::string drawn, std::uint64_t seconds)
    : sys_(sys), drawn_(std::make_shared<std::string>(std::move(drawn))), seconds_(seconds) {
  stand_in(drawn_->size());
}

void Chance::stand_in(std::size_t given) {
  random_ = std::move(sys_.random);
  now_ = std::move(sys_.now);
  sys_.random = std::make_unique<NotedRandom>(*random_, drawn_, given);
  sys_.now = [seconds = seconds_] { return seconds; };
}

Chance::~Chance() {
  sys_.random = std::move(random_);
  sys_.now = std::move(now_);
}

}  // namespace ashlar::ops
