namespace ChineseClip.Vectors.Graph;

/// <summary>How far ranks were from their estimates: higher by a mean, and scattered about it.</summary>
internal struct EstimateErrors
{
    private int _count;
    private double _sum;
    private double _squares;

    public void Add(int rankLessEstimate)
    {
        _count++;
        _sum += rankLessEstimate;
        _squares += (double)rankLessEstimate * rankLessEstimate;
    }

    /// <summary>What to add to an estimate for a rank that is as much higher as so many standard deviations; 0 when nothing is known.</summary>
    public readonly int Margin(double deviations)
    {
        if (_count == 0)
        {
            return 0;
        }
        double mean = _sum / _count;
        double variance = Math.Max(0, (_squares / _count) - (mean * mean));
        return (int)(Math.Max(0, mean) + (deviations * Math.Sqrt(variance)));
    }
}
