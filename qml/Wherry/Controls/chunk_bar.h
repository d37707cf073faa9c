// Which parts of a file are verified, as a bar: columns of one pixel, as strong as their part of the file is covered.
// The cost is that of the ranges and the width, so a file of a million chunks is drawn as fast as one of ten.
#pragma once

#include <QColor>
#include <QList>
#include <QQuickPaintedItem>

namespace wherry::controls {

class ChunkBar : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    /// First and one past the last of each range, in turn, in the unit of `total`.
    Q_PROPERTY(QList<double> ranges MEMBER m_ranges NOTIFY changed)
    Q_PROPERTY(double total MEMBER m_total NOTIFY changed)
    Q_PROPERTY(QColor color MEMBER m_color NOTIFY changed)
    Q_PROPERTY(QColor track MEMBER m_track NOTIFY changed)
    Q_PROPERTY(double radius MEMBER m_radius NOTIFY changed)
    Q_PROPERTY(bool mirrored MEMBER m_mirrored NOTIFY changed)

  public:
    explicit ChunkBar(QQuickItem* parent = nullptr);
    void paint(QPainter* painter) override;

    /// How much of each of `columns` equal parts of the whole is covered, 0 to 1. What lies outside of the whole is cut
    /// off.
    static QList<double> coverage(const QList<double>& ranges, double total, int columns);

  signals:
    void changed();

  private:
    QList<double> m_ranges;
    double m_total = 0;
    QColor m_color;
    QColor m_track;
    double m_radius = 3;
    bool m_mirrored = false;
};

} // namespace wherry::controls
