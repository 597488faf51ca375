using ChineseClip.Demo.Facts;
using SkiaSharp;

namespace ChineseClip.Demo.Drawing;

/// <summary>Paints the setting behind the things; nothing in it can be taken for a thing of the catalogue.</summary>
internal sealed class Backdrop(SKCanvas canvas) : IDisposable
{
    private const float Side = Illustrator.SidePixels;
    private readonly SKPaint _fill = new() { IsAntialias = true };
    private readonly SKPaint _pen = new() { IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeCap = SKStrokeCap.Round };
    private readonly SKPath _path = new();

    public void Paint(PictureFacts facts)
    {
        var random = new Prng(facts.Seed, PrngStream.Backdrop, facts.Index);
        canvas.Clear(SKColors.White);
        switch (facts.Setting)
        {
            case Setting.Day:
                Day(ref random);
                break;
            case Setting.Night:
                Night(ref random);
                break;
            case Setting.Seaside:
                Seaside(ref random);
                break;
            case Setting.Meadow:
                Meadow(ref random);
                break;
            case Setting.Snow:
                Snow(ref random);
                break;
            case Setting.Indoor:
                Indoor(ref random);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(facts), facts.Setting, "Unknown setting.");
        }
    }

    public void Dispose()
    {
        _fill.Dispose();
        _pen.Dispose();
        _path.Dispose();
    }

    private void Day(ref Prng random)
    {
        var ground = random.Between(196, 216);
        Band(0, ground, Vary(new(98, 176, 246), ref random), Vary(new(206, 234, 253), ref random));
        Band(ground, Side, Vary(new(214, 196, 160), ref random), Vary(new(188, 168, 132), ref random));
        Pen(new(168, 146, 110), 2);
        canvas.DrawLine(0, ground, Side, ground, _pen);
        var vanish = random.Between(60, 196);
        for (var i = -4; i <= 4; i++)
        {
            canvas.DrawLine(vanish + (i * 34), ground, vanish + (i * 78), Side, _pen);
        }

        canvas.DrawLine(0, ground + 20, Side, ground + 20, _pen);
    }

    private void Night(ref Prng random)
    {
        var ground = random.Between(206, 224);
        Band(0, ground + 20, Vary(new(12, 16, 52), ref random, 6), Vary(new(44, 52, 110), ref random, 8));
        _fill.Color = new(220, 224, 240, 200);
        for (var i = 0; i < 26; i++)
        {
            canvas.DrawCircle(random.Between(2, 254), random.Between(2, ground - 6), random.Between(0.7, 1.6), _fill);
        }

        Hill(ground, Vary(new(30, 40, 56), ref random, 5), ref random);
    }

    private void Seaside(ref Prng random)
    {
        var horizon = random.Between(62, 84);
        var shore = random.Between(166, 188);
        Band(0, horizon, Vary(new(176, 218, 244), ref random), Vary(new(226, 242, 250), ref random));
        Band(horizon, shore + 16, Vary(new(24, 112, 178), ref random), Vary(new(70, 186, 208), ref random));
        Pen(new(178, 226, 240, 190), 3);
        for (var i = 0; i < 9; i++)
        {
            var y = horizon + 12 + (i * (shore - horizon - 18) / 9);
            var x = random.Between(-20, 230);
            var width = random.Between(22, 52);
            _path.Rewind();
            _path.MoveTo(x, y);
            _path.QuadTo(x + (width / 4), y - 6, x + (width / 2), y);
            _path.QuadTo(x + (width * 3 / 4), y + 6, x + width, y);
            canvas.DrawPath(_path, _pen);
        }

        Hill(shore + 5, new(244, 250, 252), ref random, isSame: true);
        Hill(shore + 13, Vary(new(240, 216, 158), ref random), ref random, isSame: true);
        Specks(14, shore + 30, new(206, 176, 116), 1.6f, ref random);
    }

    private void Meadow(ref Prng random)
    {
        var horizon = random.Between(34, 58);
        Band(0, horizon + 14, Vary(new(190, 226, 246), ref random), Vary(new(226, 244, 236), ref random));
        Hill(horizon, Vary(new(150, 206, 96), ref random), ref random);
        Hill(horizon + random.Between(50, 90), Vary(new(128, 190, 80), ref random), ref random);
        Pen(new(84, 150, 56), 2.6f);
        for (var i = 0; i < 26; i++)
        {
            var x = random.Between(4, 252);
            var y = random.Between(horizon + 26, 252);
            _path.Rewind();
            _path.MoveTo(x - 6, y - 8);
            _path.LineTo(x - 2, y);
            _path.LineTo(x, y - 11);
            _path.LineTo(x + 2, y);
            _path.LineTo(x + 6, y - 8);
            canvas.DrawPath(_path, _pen);
        }
    }

    private void Snow(ref Prng random)
    {
        var ground = random.Between(150, 180);
        Band(0, ground + 20, Vary(new(164, 182, 208), ref random), Vary(new(212, 222, 236), ref random));
        Hill(ground, Vary(new(222, 231, 243), ref random, 5), ref random);
        Hill(ground + random.Between(30, 46), Vary(new(240, 245, 251), ref random, 4), ref random);
        _fill.Color = SKColors.White;
        for (var i = 0; i < 34; i++)
        {
            canvas.DrawCircle(random.Between(2, 254), random.Between(2, 250), random.Between(1.4, 3.2), _fill);
        }
    }

    private void Indoor(ref Prng random)
    {
        var floor = random.Between(176, 200);
        SKColor[] walls = [new(244, 226, 196), new(236, 214, 204), new(226, 222, 196), new(240, 218, 176)];
        var wall = Vary(random.Pick(walls), ref random, 6);
        Band(0, floor, wall, wall);
        _fill.Color = Palette.Blend(wall, -0.07f);
        var width = random.Between(24, 34);
        for (var x = random.Between(-20, 10); x < Side; x += width)
        {
            canvas.DrawRect(x, 0, width / 2, floor, _fill);
        }

        Band(floor, Side, Vary(new(190, 136, 88), ref random), Vary(new(160, 108, 66), ref random));
        Pen(new(132, 86, 50), 2.4f);
        var vanish = random.Between(80, 176);
        for (var i = -4; i <= 4; i++)
        {
            canvas.DrawLine(vanish + (i * 36), floor, vanish + (i * 66), Side, _pen);
        }

        _fill.Color = new(250, 244, 232);
        canvas.DrawRect(0, floor - 9, Side, 9, _fill);
        Pen(new(150, 108, 74), 2);
        canvas.DrawLine(0, floor, Side, floor, _pen);
    }

    private void Band(float top, float bottom, SKColor from, SKColor to)
    {
        // Whole pixels: two half-covered edges would let the surface's last picture shine through.
        top = MathF.Round(top);
        bottom = MathF.Round(bottom);
        _fill.Shader = SKShader.CreateLinearGradient(new(0, top), new(0, bottom), [from, to], SKShaderTileMode.Clamp);
        canvas.DrawRect(0, top, Side, bottom - top, _fill);
        _fill.Shader.Dispose();
        _fill.Shader = null;
    }

    private void Hill(float top, SKColor color, ref Prng random, bool isSame = false)
    {
        var left = isSame ? 4 : random.Between(-10, 10);
        var right = isSame ? -4 : random.Between(-10, 10);
        _path.Rewind();
        _path.MoveTo(0, top + left);
        _path.CubicTo(Side / 3, top - right, Side * 2 / 3, top - left, Side, top + right);
        _path.LineTo(Side, Side);
        _path.LineTo(0, Side);
        _path.Close();
        _fill.Color = color;
        canvas.DrawPath(_path, _fill);
    }

    private void Specks(int count, float top, SKColor color, float radius, ref Prng random)
    {
        _fill.Color = color;
        for (var i = 0; i < count; i++)
        {
            canvas.DrawCircle(random.Between(2, 254), random.Between(top, 254), radius, _fill);
        }
    }

    private void Pen(SKColor color, float width)
    {
        _pen.Color = color;
        _pen.StrokeWidth = width;
    }

    private static SKColor Vary(SKColor color, ref Prng random, int range = 12)
    {
        var shift = random.Below((2 * range) + 1) - range;
        byte Channel(byte value, int more) => (byte)Math.Clamp(value + more, 0, 255);
        var hue = random.Below(range + 1) - (range / 2);
        return new(Channel(color.Red, shift + hue), Channel(color.Green, shift), Channel(color.Blue, shift - hue));
    }
}
