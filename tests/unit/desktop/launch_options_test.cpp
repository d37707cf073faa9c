#include "desktop/key_label.h"
#include "desktop/launch_options.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::desktop;

class LaunchOptionsTest : public QObject {
    Q_OBJECT
  private slots:
    void everyOptionIsRead() {
        const auto read = readLaunchOptions({"--home", "/h", "--set=limits.upload=1 Mbit/s", "--no-mdns", "--start-hidden", "--config=/c", "a b", "--", "--x"});
        QVERIFY(read.error.isEmpty() && read.startHidden);
        QCOMPARE(read.home, std::string("/h"));
        QCOMPARE(read.configFile, std::string("/c"));
        QCOMPARE(read.assignments, (std::vector<std::string>{"limits.upload=1 Mbit/s", "network.mdns=false"}));
        QCOMPARE(read.paths, (QStringList{"a b", "--x"}));
    }
    void whatIsWrongIsSaid() {
        QCOMPARE(readLaunchOptions({"--hom"}).error, QString("unknown option --hom"));
        QCOMPARE(readLaunchOptions({"--home"}).error, QString("--home needs a value"));
    }
    void aKeyKeepsItsLabel() {
        const auto peer = api::PeerId::parse("12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust");
        const KeyLabel label = keyLabel(peer.value());
        QCOMPARE(label.words.count('-'), 3);
        QCOMPARE(label.words, keyLabel(peer.value()).words);
        QVERIFY(label.hue >= 0 && label.hue < 1);
    }
};

QTEST_GUILESS_MAIN(LaunchOptionsTest)
#include "launch_options_test.moc"
