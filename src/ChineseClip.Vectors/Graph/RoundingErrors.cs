namespace ChineseClip.Vectors.Graph;

/// <summary>How far scores of codes are from the exact ones, as seen on the candidates of one query that were compared by both.</summary>
/// <remarks>
/// The difference is one offset for all rows plus a sum over the dimensions of independent rounding errors, which is close to normal
/// (central limit theorem). With mean and deviation estimated from <see cref="MinCount"/> rows, one row in ten thousand lies more than
/// <see cref="Deviations"/> deviations above the mean (Student's t with 11 degrees of freedom), and the fewer the more were compared.
/// Measured rather than derived from the quantizer's step, so that elements outside of its range count, too.
/// </remarks>
internal struct RoundingErrors
{
    private const int MinCount = 12;
    private const double Deviations = 6;

    private double _first;    // what is summed is relative to it, since the offset is large beside the errors
    private double _sum;
    private double _squares;
    private int _count;

    public void Add(float rough, float exact)
    {
        double difference = (double)exact - rough;
        _first = _count == 0 ? difference : _first;
        _sum += difference - _first;
        _squares += (difference - _first) * (difference - _first);
        _count++;
    }

    /// <summary>What the exact score of another row will hardly exceed; infinite as long as too few were compared.</summary>
    public readonly double AtMost(float rough)
    {
        if (_count < MinCount)
        {
            return double.PositiveInfinity;
        }
        double mean = _sum / _count;
        double variance = Math.Max(0, (_squares / _count) - (mean * mean)) * _count / (_count - 1);
        return rough + _first + mean + (Deviations * Math.Sqrt(variance));
    }
}
