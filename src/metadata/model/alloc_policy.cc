// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/alloc_policy.h"

namespace ashlar {

std::string_view policy_word(AllocPolicy policy) {
  switch (policy) {
    case AllocPolicy::Contiguous:
      return "contiguous";
    case AllocPolicy::Cling:
      return "cling";
    case AllocPolicy::ClingByTags:
      return "cling_by_tags";
    case AllocPolicy::Normal:
      return "normal";
    case AllocPolicy::Anywhere:
      return "anywhere";
    case AllocPolicy::Inherit:
      break;
  }
  return "inherit";
}

std::optional<AllocPolicy> parse_policy(std::string_view word) {
  for (AllocPolicy policy : {AllocPolicy::Contiguous, AllocPolicy::Cling, AllocPolicy::ClingByTags, AllocPolicy::Normal,
                             AllocPolicy::Anywhere, AllocPolicy::Inherit}) {
    if (policy_word(policy) == word) return policy;
  }
  return std::nullopt;
}

}  // namespace ashlar
