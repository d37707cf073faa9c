#pragma once
// What every test includes, parsed once (tests/CMakeLists.txt). A test still includes what it uses: not every build has this.

#include <QtTest>
#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>
