#include <wherry/api/basic_node.h>

#include <iostream>
int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    const auto node = wherry::api::BasicNode::start({"node", "inbox", wherry::api::Accept::All});
    if (!node) return std::cerr << node.error().context << '\n', 1;
    for (const auto& address : (*node)->addresses()) std::cout << address.text() << std::endl;
    return app.exec();
}
