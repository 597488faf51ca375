using System.Globalization;

namespace ChineseClip.Cli.Load;

/// <summary>How often each kind of request comes, as <c>vector:90,put:10</c>.</summary>
internal sealed class LoadMix
{
    private readonly (LoadKind Kind, double Below)[] _shares;

    private LoadMix(string text, IReadOnlyList<(LoadKind Kind, double Weight)> weights)
    {
        Text = text;
        double sum = weights.Sum(weight => weight.Weight);
        double below = 0;
        _shares = [.. weights.Select(weight => (weight.Kind, below += weight.Weight / sum))];
        Kinds = [.. weights.Select(weight => weight.Kind)];
    }

    /// <summary>As it was given.</summary>
    public string Text { get; }

    public IReadOnlyList<LoadKind> Kinds { get; }

    public static string AllKinds => string.Join(", ", Enum.GetNames<LoadKind>()).ToLowerInvariant();

    /// <summary>Reads a mix; null when it is not one.</summary>
    public static LoadMix? TryParse(string text)
    {
        List<(LoadKind, double)> weights = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = part.Split(':');
            double weight = 1;
            bool isWeighted = pair.Length == 1
                || (pair.Length == 2 && double.TryParse(pair[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out weight));
            if (!isWeighted || weight <= 0 || !Enum.TryParse(pair[0], ignoreCase: true, out LoadKind kind) || char.IsDigit(pair[0][0]))
            {
                return null;
            }

            weights.Add((kind, weight));
        }

        return weights.Count == 0 ? null : new LoadMix(text, weights);
    }

    public LoadKind Next(Random random)
    {
        double at = random.NextDouble();
        foreach ((LoadKind kind, double below) in _shares)
        {
            if (at < below)
            {
                return kind;
            }
        }

        return _shares[^1].Kind;
    }
}
