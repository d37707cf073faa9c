// Which parts of a transfer are verified, as a bar: columns of one pixel, as strong as their part is covered. The cost
// is that of the cells and the width, so a million files are drawn as fast as ten.
#pragma once

#include <QColor>
#include <QList>
#include <QQuickPaintedItem>

namespace wherry::controls {

class ChunkBar : public QQuickPaintedItem {
    Q_OBJECT
    QML_ELEMENT
    /// How much of each of equal parts is there, 0 to 255.
    Q_PROPERTY(QList<int> cells MEMBER m_cells NOTIFY changed)
    Q_PROPERTY(QColor color MEMBER m_color NOTIFY changed)
    Q_PROPERTY(QColor track MEMBER m_track NOTIFY changed)
    Q_PROPERTY(double radius MEMBER m_radius NOTIFY changed)
    Q_PROPERTY(bool mirrored MEMBER m_mirrored NOTIFY changed)

  public:
    explicit ChunkBar(QQuickItem* parent = nullptr);
    void paint(QPainter* painter) override;

    /// How much of each of `columns` equal parts of the whole is covered, 0 to 1.
    static QList<double> coverage(const QList<int>& cells, int columns);

  signals:
    void changed();

  private:
    QList<int> m_cells;
    QColor m_color;
    QColor m_track;
    double m_radius = 3;
    bool m_mirrored = false;
};

} // namespace wherry::controls
