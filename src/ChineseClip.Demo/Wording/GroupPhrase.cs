using System.Globalization;
using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Wording;

/// <summary>The words chosen for one group in one caption, and a record of which of its facts were said.</summary>
/// <remarks>The number of random draws never depends on the facts, so that altered facts are worded like the true ones.</remarks>
internal sealed class GroupPhrase
{
    private const double SizeShare = 0.4;
    private const double ShapeShare = 0.08;
    private const double DigitShare = 0.06;
    private const double ShortColorShare = 0.2;
    private static readonly string[] Numerals = ["零", "一", "两", "三", "四"];
    private static readonly string[][] Sizes = [[""], ["大", "很大", "巨大"], ["小", "很小", "小小"]];

    private readonly ThingGroup _group;
    private readonly string _name;
    private readonly string _counted;
    private readonly string _color;
    private readonly string _size;
    private readonly string _shape;
    private readonly bool _saysSize;
    private readonly bool _saysShape;
    private readonly bool _isColorShort;
    private readonly bool _isSizeFirst;
    private bool _saidKind;
    private bool _saidColor;
    private bool _saidCount;
    private bool _saidSize;

    public GroupPhrase(ThingGroup group, ref Prng random)
    {
        _group = group;
        var words = KindWords.Of(group.Kind);
        _name = random.PickWord(words.NamesFor(group.Size));
        var measure = random.PickWord(words.Measures);
        _color = random.PickWord(ColorWords.Of(group.Color).Names);
        _size = random.PickWord(Sizes[(int)group.Size]);
        _saysSize = random.Chance(SizeShare) && group.Size != ThingSize.None;
        _isSizeFirst = random.Chance(0.3);
        var shape = random.Unit();
        _saysShape = shape < ShapeShare && words.Shapes.Length > 0;
        _shape = words.Shapes.Length > 0 ? words.Shapes[(int)(shape / ShapeShare * words.Shapes.Length) % words.Shapes.Length] : "";
        _isColorShort = random.Chance(ShortColorShare);
        var number = random.Chance(DigitShare)
            ? group.Count.ToString(CultureInfo.InvariantCulture)
            : Numerals[group.Count];
        _counted = number + measure;
    }

    /// <summary>The plainest words for a group: 一条红色的大鱼.</summary>
    public static string Plain(ThingGroup group)
    {
        var words = KindWords.Of(group.Kind);
        return $"{Numerals[group.Count]}{words.Measures[0]}{ColorWords.Of(group.Color).Names[0]}的{Sizes[(int)group.Size][0]}{words.Names[0]}";
    }

    public StatedGroup Stated => new(
        _saidKind ? _group.Kind : null,
        _saidColor ? _group.Color : null,
        _saidCount ? _group.Count : null,
        _saidSize ? _group.Size : null);

    public bool SaysSize => _saysSize;

    /// <summary>鱼</summary>
    public string Name()
    {
        _saidKind = true;
        return _name;
    }

    /// <summary>两条</summary>
    public string Counted()
    {
        _saidCount = true;
        return _counted;
    }

    /// <summary>红色的</summary>
    public string Color()
    {
        _saidColor = true;
        return _color + "的";
    }

    /// <summary>很大的</summary>
    public string Size()
    {
        _saidSize = _group.Size != ThingSize.None;
        return _saidSize ? _size + "的" : "";
    }

    /// <summary>大鱼，很大的鱼</summary>
    public string SizedName()
    {
        var isDirect = _size.Length == 1 && _name[0] is not ('大' or '小' or '高');
        return (isDirect ? Size()[..^1] : Size()) + Name();
    }

    /// <summary>红色的鱼，红鱼</summary>
    public string Colored()
    {
        _saidColor = true;
        return (_isColorShort ? ColorWords.Of(_group.Color).Short : _color + "的") + Name();
    }

    /// <summary>两条红色的鱼，一条红色的大鱼</summary>
    public string Full()
    {
        var shape = _saysShape ? _shape + "的" : "";
        if (!_saysSize)
        {
            return Counted() + shape + Colored();
        }

        return _isSizeFirst ? Counted() + shape + Size() + Color() + Name() : Counted() + shape + Color() + SizedName();
    }
}
