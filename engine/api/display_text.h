#pragma once

#include "base/display_text.h"

/// Everything that a peer has written goes through displayText before a person sees it (SECURITY rule 7).
namespace wherry::api {

using wherry::displayText;

} // namespace wherry::api
