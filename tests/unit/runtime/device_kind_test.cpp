#include "runtime/device_kind.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::runtime;
using peers::DeviceKind;

class DeviceKindTest : public QObject {
    Q_OBJECT

  private slots:
    void the_number_of_the_case_says_what_it_is() {
        const std::pair<const char*, DeviceKind> cases[] = {
            {"3\n", DeviceKind::Desktop}, {"35", DeviceKind::Desktop},  {"9\n", DeviceKind::Laptop},
            {"10\n", DeviceKind::Laptop}, {"31\n", DeviceKind::Laptop}, {"11\n", DeviceKind::Phone},
            {"30\n", DeviceKind::Tablet}, {"17\n", DeviceKind::Server}, {"23\n", DeviceKind::Server},
            {"1\n", DeviceKind::Unknown}, {"0", DeviceKind::Unknown},   {"", DeviceKind::Unknown},
            {"9x", DeviceKind::Unknown},  {"-9", DeviceKind::Unknown},  {"99999999999999999999", DeviceKind::Unknown}};
        for (const auto& [text, wanted] : cases) QVERIFY2(kindOfChassis({"", text, ""}) == wanted, text);
    }

    void what_the_person_has_told_the_system_beats_the_number() {
        QCOMPARE(kindOfChassis({"PRETTY_HOSTNAME=\"Box\"\nCHASSIS=server\n", "9\n", ""}), DeviceKind::Server);
        QCOMPARE(kindOfChassis({"CHASSIS=\"tablet\"", "3", ""}), DeviceKind::Tablet);
        QCOMPARE(kindOfChassis({"CHASSIS='handset'\r\n", "3", ""}), DeviceKind::Phone);
        QCOMPARE(kindOfChassis({"CHASSIS=watch\n", "9", ""}), DeviceKind::Laptop);
        QCOMPARE(kindOfChassis({"XCHASSIS=server\n", "", ""}), DeviceKind::Unknown);
        QCOMPARE(kindOfChassis({"CHASSIS=", "", ""}), DeviceKind::Unknown);
    }

    void where_there_is_no_number_the_device_tree_tells() {
        QCOMPARE(kindOfChassis({"", "", std::string_view("handset\0", 8)}), DeviceKind::Phone);
        QCOMPARE(kindOfChassis({"", "1", "laptop"}), DeviceKind::Laptop);
        QCOMPARE(kindOfChassis({"", "", "embedded"}), DeviceKind::Unknown);
    }

    void this_system_answers() { QVERIFY(deviceKind() <= DeviceKind::Server); }
};

QTEST_APPLESS_MAIN(DeviceKindTest)
#include "device_kind_test.moc"
