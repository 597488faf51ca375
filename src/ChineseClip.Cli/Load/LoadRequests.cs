using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ChineseClip.Client;
using ChineseClip.Contracts;
using ChineseClip.Demo.Drawing;
using ChineseClip.Demo.Facts;

namespace ChineseClip.Cli.Load;

/// <summary>Requests of each kind, finished before the clock runs.</summary>
internal sealed class LoadRequests
{
    private const int SearchVariants = 256;
    private const int PictureVariants = 16;
    private const int WrittenIds = 4096;

    private static readonly string[] Texts =
    [
        "红色的鱼", "夜晚的月亮", "三个苹果", "海边的船", "雪地上的房子", "一只黑色的猫", "蓝色的圆形", "绿色的三角形", "两只鸟在树上", "黄色的花",
        "大的正方形在左边", "一个小男孩", "城市的夜景", "山间的小路", "白色的杯子", "穿红衣服的人", "桌子上的书", "飞过天空的飞机",
    ];

    private readonly Dictionary<LoadKind, byte[][]> _requests = [];
    private readonly LoadTarget _target;

    public LoadRequests(LoadTarget target, IEnumerable<LoadKind> kinds, int seed)
    {
        _target = target;
        Random random = new(seed);
        foreach (LoadKind kind in kinds.Distinct())
        {
            _requests[kind] = Make(kind, random);
        }
    }

    public byte[] Pick(LoadKind kind, Random random)
    {
        byte[][] all = _requests[kind];
        return all[random.Next(all.Length)];
    }

    private byte[][] Make(LoadKind kind, Random random) => kind switch
    {
        LoadKind.Vector => Several(SearchVariants, _ => Search(new SearchRequest { Vector = Vector(random) })),
        LoadKind.Text => Several(Texts.Length, i => Search(new SearchRequest { Text = Texts[i] })),
        LoadKind.Image => Several(PictureVariants, i => Search(new SearchRequest { Image = ImageSources.FromBytes(Draw(i)) })),
        LoadKind.Put => Several(WrittenIds, i => Body(
            "PUT",
            "/items",
            new PutItemsRequest { Items = [new PutItem { Id = Id(i), Vector = Vector(random) }] },
            ContractsJson.Default.PutItemsRequest)),
        _ => Several(WrittenIds, i => Body(
            "POST", "/items:delete", new DeleteItemsRequest { Ids = [Id(i)] }, ContractsJson.Default.DeleteItemsRequest)),
    };

    private static byte[][] Several(int count, Func<int, byte[]> make) => [.. Enumerable.Range(0, count).Select(make)];

    private static byte[] Draw(int index)
    {
        using Illustrator illustrator = new();
        return illustrator.DrawFile(new PictureFactsSource(DemoSeeds.Gallery, PictureSplit.Training)[index]);
    }

    private static string Id(int index) => string.Create(CultureInfo.InvariantCulture, $"bench-serve-{index:D5}");

    private byte[] Search(SearchRequest request) => Body(
        "POST",
        "/search",
        request with { K = _target.K, Ef = _target.Ef, TimeoutMilliseconds = (int)_target.Timeout.TotalMilliseconds },
        ContractsJson.Default.SearchRequest);

    private float[] Vector(Random random)
    {
        float[] vector = new float[_target.Dimension];
        double sum = 0;
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            sum += vector[i] * vector[i];
        }

        float norm = (float)Math.Sqrt(sum);
        return Array.ConvertAll(vector, value => value / norm);
    }

    private byte[] Body<T>(string method, string path, T body, JsonTypeInfo<T> type)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(body, type);
        StringBuilder head = new();
        head.Append(CultureInfo.InvariantCulture, $"{method} {_target.Server.AbsolutePath.TrimEnd('/')}/v1/collections/{Uri.EscapeDataString(_target.Collection)}{path} HTTP/1.1\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Host: {_target.Server.Authority}\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n");
        if (_target.ApiKey is { } key)
        {
            head.Append(CultureInfo.InvariantCulture, $"Authorization: Bearer {key}\r\n");
        }

        return [.. Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), .. json];
    }
}
