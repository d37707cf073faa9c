#include "desktop/key_label.h"

#include <QCryptographicHash>
#include <array>

namespace wherry::desktop {

namespace {

/// Concrete, short, not easily confused when said aloud. Their order is part of every label: never change it.
constexpr std::array<const char*, 256> kWords = {
    "acorn", "amber", "anchor", "apple", "apron", "arrow", "atlas", "autumn", "badge", "bagel", "bamboo", "banjo",
    "barley", "basil", "basket", "beach", "beaver", "bell", "berry", "birch", "bison", "blanket", "boat", "bonnet",
    "book", "bottle", "bridge", "broom", "bucket", "buffalo", "butter", "button", "cabin", "cactus", "camel",
    "candle", "canoe", "canyon", "carrot", "castle", "cedar", "cello", "cherry", "chess", "chimney", "cinema",
    "circus", "citrus", "clay", "cliff", "clock", "cloud", "clover", "cobalt", "cocoa", "comet", "copper", "coral",
    "cotton", "cousin", "crane", "crayon", "cricket", "crystal", "daisy", "dancer", "delta", "denim", "desert",
    "diamond", "dolphin", "donkey", "dragon", "drum", "eagle", "easel", "echo", "elbow", "elder", "elk", "ember",
    "engine", "falcon", "feather", "fern", "ferry", "fiddle", "field", "fig", "finch", "flame", "flute", "forest",
    "fossil", "fountain", "fox", "galaxy", "garden", "garlic", "gecko", "ginger", "glacier", "globe", "goose",
    "granite", "grape", "guitar", "hammer", "harbor", "harp", "hazel", "hedge", "heron", "hill", "honey", "horizon",
    "hotel", "ice", "igloo", "indigo", "iris", "island", "ivory", "jacket", "jaguar", "jasmine", "jelly", "jewel",
    "juniper", "kayak", "kettle", "kite", "kiwi", "koala", "ladder", "lagoon", "lake", "lantern", "lark", "lemon",
    "lily", "lime", "linen", "lion", "lizard", "llama", "lotus", "magnet", "mango", "maple", "marble", "meadow",
    "melon", "meteor", "mill", "mint", "mirror", "moon", "moss", "mountain", "museum", "mustard", "nectar", "needle",
    "nest", "noodle", "north", "nutmeg", "oak", "oasis", "ocean", "olive", "onion", "opal", "orange", "orchid",
    "otter", "owl", "oyster", "paddle", "palm", "panda", "paper", "parrot", "peach", "pearl", "pebble", "pelican",
    "pepper", "piano", "pigeon", "pilot", "pine", "planet", "plum", "pocket", "pond", "poppy", "prairie", "puffin",
    "pumpkin", "quartz", "quill", "rabbit", "radio", "raft", "rain", "raven", "reef", "ribbon", "river", "robin",
    "rocket", "rose", "ruby", "saddle", "saffron", "sail", "salmon", "sand", "satin", "scarf", "seal", "shell",
    "silver", "sky", "spruce", "squirrel", "star", "stone", "summer", "sunset", "swan", "tartan", "teapot", "thistle",
    "thunder", "tiger", "timber", "trumpet", "tulip", "tundra", "turtle", "umbrella", "valley", "velvet", "violin",
    "wagon", "walnut", "whale", "willow", "winter", "wolf", "wombat", "yarn", "zebra"};

constexpr int kWordsInLabel = 4;

} // namespace

KeyLabel keyLabel(const api::PeerId& peer) {
    const std::string key = peer.text();
    const QByteArray hash =
        QCryptographicHash::hash(QByteArray(key.data(), static_cast<qsizetype>(key.size())), QCryptographicHash::Sha256);
    const auto byte = [&](int i) { return static_cast<uint8_t>(hash[i]); };
    KeyLabel label;
    for (int i = 0; i < kWordsInLabel; ++i)
        label.words += (i > 0 ? QStringLiteral("-") : QString()) + QLatin1String(kWords[byte(i)]);
    label.hue = (byte(kWordsInLabel) * 256 + byte(kWordsInLabel + 1)) / 65536.0;
    return label;
}

} // namespace wherry::desktop
