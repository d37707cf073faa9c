#include "codec/ip.h"

#include <QtTest>

using namespace wherry;
using namespace wherry::codec;

namespace {

IpAddress ip(std::string_view text) {
    auto address = parseIp(text);
    if (!address) qFatal("%s", address.error().text().c_str());
    return *address;
}

} // namespace

class IpTest : public QObject {
    Q_OBJECT
  private slots:
    void addressesAreWrittenInTheirOneForm_data();
    void addressesAreWrittenInTheirOneForm();
    void textThatIsNoAddressIsRefused();
    void rangesAreToldApart();
    void anIpv4AddressInsideIpv6IsJudgedAsIpv4();
    void whatIsNobodysOnTheInternetIsNotPublic();
    void budgetsCountIpv6ByItsNetwork();
    void socketAddressesShowPortAndScope();
};

void IpTest::addressesAreWrittenInTheirOneForm_data() {
    QTest::addColumn<QString>("input");
    QTest::addColumn<QString>("output");
    // RFC 4291 2.2 and RFC 5952 4.
    const char* rows[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"::ffff:192.0.2.128", "::ffff:192.0.2.128"},
        {"::ffff:c000:280", "::ffff:192.0.2.128"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
        {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
        {"fe80::abcd:0:0:1", "fe80::abcd:0:0:1"},
    };
    for (const auto& row : rows) QTest::newRow(row[0]) << row[0] << row[1];
}

void IpTest::addressesAreWrittenInTheirOneForm() {
    QFETCH(QString, input);
    QFETCH(QString, output);
    const IpAddress address = ip(input.toStdString());
    QCOMPARE(address.text(), output.toStdString());
    QVERIFY(ip(address.text()) == address);
}

void IpTest::textThatIsNoAddressIsRefused() {
    for (const char* bad : {"",
                            ".",
                            "1",
                            "1.2.3",
                            "1.2.3.4.5",
                            "1.2.3.256",
                            "01.2.3.4",
                            "1.2.3.04",
                            "1.2.3.-4",
                            "1.2.3.+4",
                            " 1.2.3.4",
                            "1.2.3.4 ",
                            "0x1.2.3.4",
                            "1..2.3",
                            "1.2.3.",
                            ":",
                            ":::",
                            "1:2",
                            "1:2:3:4:5:6:7",
                            "1:2:3:4:5:6:7:8:9",
                            "1:2:3:4:5:6:7::8",
                            "1::2::3",
                            "12345::",
                            "g::",
                            "::1.2.3",
                            "::1.2.3.4:5",
                            "1.2.3.4::",
                            ":1:2:3:4:5:6:7",
                            "1:",
                            "fe80::1%eth0",
                            "::1/64",
                            "[::1]",
                            "1:2:3:4:5:6:7:1.2.3.4",
                            "::+1",
                            "::-1"})
        QVERIFY2(!parseIp(bad), bad);
    QVERIFY(!parseIp(std::string(100'000, ':')));
    QVERIFY(!parseIp(std::string_view("1.2.3.4\0", 8)));
}

void IpTest::rangesAreToldApart() {
    QVERIFY(ip("127.0.0.1").isLoopback() && ip("127.255.0.1").isLoopback() && ip("::1").isLoopback());
    QVERIFY(!ip("128.0.0.1").isLoopback() && !ip("::2").isLoopback());
    QVERIFY(ip("0.0.0.0").isUnspecified() && ip("::").isUnspecified() && !ip("0.0.0.1").isUnspecified());
    QVERIFY(ip("224.0.0.1").isMulticast() && ip("239.1.1.1").isMulticast() && ip("ff02::1").isMulticast());
    QVERIFY(!ip("240.0.0.1").isMulticast() && !ip("fe80::1").isMulticast());
    QVERIFY(ip("169.254.1.1").isLinkLocal() && ip("fe80::1").isLinkLocal() && ip("febf::1").isLinkLocal());
    QVERIFY(!ip("169.253.1.1").isLinkLocal() && !ip("fec0::1").isLinkLocal());
    for (const char* inside :
         {"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "100.127.255.255",
          "127.0.0.1", "169.254.0.1", "fc00::1", "fdff::1", "fe80::1", "::1"})
        QVERIFY2(ip(inside).isPrivate(), inside);
    for (const char* outside : {"9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.0.1",
                                "100.63.255.255", "100.128.0.0", "8.8.8.8", "2001:db8::1", "fbff::1", "fe00::1"})
        QVERIFY2(!ip(outside).isPrivate(), outside);
}

void IpTest::anIpv4AddressInsideIpv6IsJudgedAsIpv4() {
    QVERIFY(!ip("::ffff:127.0.0.1").isV4());
    QVERIFY(ip("::ffff:127.0.0.1").isLoopback());
    QVERIFY(ip("::ffff:10.1.2.3").isPrivate());
    QVERIFY(ip("::ffff:0.0.0.0").isUnspecified());
    QVERIFY(ip("::ffff:224.0.0.1").isMulticast());
    QVERIFY(!ip("::ffff:8.8.8.8").isPrivate());
    QVERIFY(ip("::ffff:8.8.8.8").budgetPrefix() == ip("8.8.8.8"));
}

void IpTest::whatIsNobodysOnTheInternetIsNotPublic() {
    for (const char* outside :
         {"8.8.8.8", "1.0.0.0", "44.1.0.1", "192.0.1.1", "192.0.3.1", "198.17.255.255", "198.20.0.0", "203.0.112.1",
          "223.255.255.255", "2a00::1", "2001:200::1", "2003::1", "3ffe::1"})
        QVERIFY2(ip(outside).isPublic(), outside);
    for (const char* inside : {"10.0.0.1",
                               "127.0.0.1",
                               "169.254.1.1",
                               "100.64.0.1",
                               "0.0.0.0",
                               "0.1.2.3",
                               "192.0.0.8",
                               "192.0.2.1",
                               "192.88.99.1",
                               "198.18.0.1",
                               "198.19.255.255",
                               "198.51.100.7",
                               "203.0.113.9",
                               "224.0.0.1",
                               "240.0.0.1",
                               "255.255.255.255",
                               "::",
                               "::1",
                               "fe80::1",
                               "fd00::1",
                               "ff02::1",
                               "2001:db8::1",
                               "2001::1",
                               "2001:1ff::1",
                               "2002:a00:1::1",
                               "3fff:fff::1",
                               "64:ff9b::a00:1",
                               "::ffff:8.8.8.8",
                               "::ffff:10.0.0.1"})
        QVERIFY2(!ip(inside).isPublic(), inside);
}

void IpTest::budgetsCountIpv6ByItsNetwork() {
    QVERIFY(ip("192.0.2.1").budgetPrefix() == ip("192.0.2.1"));
    QCOMPARE(ip("2001:db8:1:2:3:4:5:6").budgetPrefix().text(), std::string("2001:db8:1:2::"));
    QVERIFY(ip("2001:db8:1:2::1").budgetPrefix() == ip("2001:db8:1:2:ffff::").budgetPrefix());
    QVERIFY(ip("2001:db8:1:2::1").budgetPrefix() != ip("2001:db8:1:3::1").budgetPrefix());
}

void IpTest::socketAddressesShowPortAndScope() {
    QCOMPARE((SocketAddress{ip("192.0.2.1"), 4001, 0}.text()), std::string("192.0.2.1:4001"));
    QCOMPARE((SocketAddress{ip("2001:db8::1"), 4001, 0}.text()), std::string("[2001:db8::1]:4001"));
    QCOMPARE((SocketAddress{ip("fe80::1"), 4001, 3}.text()), std::string("[fe80::1%3]:4001"));
}

QTEST_APPLESS_MAIN(IpTest)
#include "ip_test.moc"
