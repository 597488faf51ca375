using System.Reflection;
using ChineseClip.Abstractions;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace ChineseClip.Grains.Tests;

public sealed class MessageTests
{
    private static readonly Assembly Abstractions = typeof(IShardGrain).Assembly;
    private static readonly Assembly Grains = typeof(ChineseClipSiloBuilderExtensions).Assembly;

    public static TheoryData<Type> Messages => [.. Abstractions.GetTypes().Where(IsMessage)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_IsSerializableAliasedAndHasNoIdTwice(Type message)
    {
        Assert.NotNull(message.GetCustomAttribute<GenerateSerializerAttribute>());
        AliasAttribute? alias = message.GetCustomAttribute<AliasAttribute>(inherit: false);
        Assert.Equal($"cc.{message.Name}", alias?.Alias);
        MemberInfo[] members =
        [
            .. message.GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(member => member.GetCustomAttribute<IdAttribute>() is not null),
        ];
        uint[] ids = [.. members.Select(member => member.GetCustomAttribute<IdAttribute>()!.Id)];
        Assert.Equal(ids.Length, ids.Distinct().Count());

        // Every property that is stored has an id: one without would silently not travel.
        Assert.All(
            message.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Where(property => property.SetMethod is not null && property.PropertyType != typeof(ReadOnlyMemory<byte>?)),
            property => Assert.NotNull(property.GetCustomAttribute<IdAttribute>()));
    }

    [Fact]
    public void Aliases_AreUnique()
    {
        string[] aliases = [.. Abstractions.GetTypes().Select(type => type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias).OfType<string>()];
        Assert.Equal(aliases.Length, aliases.Distinct().Count());
    }

    [Fact]
    public void GrainInterfaces_AreAliasedAndTakeACancellationTokenLast()
    {
        Type[] interfaces = [.. Abstractions.GetTypes().Where(type => type.IsInterface && type.IsAssignableTo(typeof(IGrain)))];
        Assert.Equal(11, interfaces.Length);
        Assert.All(interfaces, type =>
        {
            Assert.Equal($"cc.{type.Name}", type.GetCustomAttribute<AliasAttribute>()?.Alias);
            Assert.All(type.GetMethods(), method =>
            {
                Assert.Equal(method.Name, method.GetCustomAttribute<AliasAttribute>()?.Alias);
                Assert.Equal(typeof(CancellationToken), method.GetParameters()[^1].ParameterType);
            });
        });
    }

    [Fact]
    public void GrainClasses_HaveAStableTypeName()
    {
        Type[] classes = [.. Grains.GetTypes().Where(type => type.IsSubclassOf(typeof(Grain)))];
        Assert.Equal(10, classes.Length);
        Assert.All(classes, type => Assert.NotNull(type.GetCustomAttribute<GrainTypeAttribute>()));
    }

    [Fact]
    public void RoundTrip_ASearchWithEveryKindOfCondition_IsTheSame()
    {
        Serializer serializer = CreateSerializer();
        FilterClause filter = new()
        {
            Must =
            [
                new FieldIn { Field = "a", Values = [FilterValue.Of("红"), FilterValue.Of(1.5), FilterValue.Of(true)] },
                new FieldRange { Field = "b", AtLeast = 1, LessThan = 2 },
            ],
            Should = [new NestedClause { Clause = new FilterClause { MustNot = [new FieldExists { Field = "c", Exists = false }] } }],
            MustNot = [new IdIn { Ids = ["x"] }],
        };
        SearchQuery query = new()
        {
            Collection = "图集",
            Vector = EmbeddingVector.From([0.25f, -1f]),
            K = 7,
            Ef = 70,
            Filter = filter,
            MinScore = 0.5f,
            Timeout = TimeSpan.FromSeconds(3),
            AllowPartial = true,
            WithPayload = false,
        };

        SearchQuery copy = serializer.Deserialize<SearchQuery>(serializer.SerializeToArray(query))!;

        Assert.Equal(query with { Filter = null }, copy with { Filter = null });
        FieldIn fieldIn = Assert.IsType<FieldIn>(copy.Filter!.Must[0]);
        Assert.Equal([FilterValue.Of("红"), FilterValue.Of(1.5), FilterValue.Of(true)], fieldIn.Values);
        Assert.Equal(filter.Must[1], copy.Filter.Must[1]);
        FilterClause nested = Assert.IsType<NestedClause>(copy.Filter.Should[0]).Clause;
        Assert.Equal(new FieldExists { Field = "c", Exists = false }, nested.MustNot[0]);
        Assert.Equal(["x"], Assert.IsType<IdIn>(copy.Filter.MustNot[0]).Ids);
    }

    [Fact]
    public void RoundTrip_OneArrayTwice_ArrivesTwiceAndNoneStaysNone()
    {
        Serializer serializer = CreateSerializer();
        byte[] payload = [1, 2, 3];
        SearchHit hit = new() { Id = "a", Score = 1, Payload = payload, Vector = EmbeddingVector.From([1f]) };
        SearchHit[] hits = [hit, hit with { Id = "b" }, hit with { Id = "c", Payload = null, Vector = null }];

        SearchHit[] copy = serializer.Deserialize<SearchHit[]>(serializer.SerializeToArray(hits))!;

        Assert.Equal(payload, copy[0].Payload!.Value.ToArray());
        Assert.Equal(payload, copy[1].Payload!.Value.ToArray());
        Assert.Equal(hit.Vector, copy[1].Vector);
        Assert.Null(copy[2].Payload);
        Assert.Null(copy[2].Vector);
    }

    [Fact]
    public void RoundTrip_AnException_KeepsCodeMessageElementAndRetry()
    {
        Serializer serializer = CreateSerializer();
        ClusterException exception = new(ErrorCode.Overloaded, "The queue is full.")
        {
            Element = "images[3]",
            RetryAfter = TimeSpan.FromSeconds(2),
        };

        ClusterException copy = Assert.IsType<ClusterException>(
            serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(exception)));

        Assert.Equal(
            (ErrorCode.Overloaded, "The queue is full.", "images[3]", TimeSpan.FromSeconds(2), true),
            (copy.Code, copy.Message, copy.Element, copy.RetryAfter, copy.IsTransient));
    }

    [Fact]
    public void Vector_Copied_SharesItsBytes()
    {
        EmbeddingVector vector = EmbeddingVector.From([1f, 2f]);
        using ServiceProvider services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        EmbeddingVector copy = services.GetRequiredService<DeepCopier>().Copy(vector);
        Assert.Equal([1f, 2f], copy.ToArray());
        Assert.True(vector.Bytes.Equals(copy.Bytes));    // the same memory, not equal memory
        Assert.Throws<ArgumentException>(() => new EmbeddingVector(new byte[3]));
    }

    private static Serializer CreateSerializer() =>
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    private static bool IsMessage(Type type) =>
        type.IsPublic && !type.IsEnum && !type.IsInterface && !(type.IsAbstract && type.IsSealed)
        && type.Namespace == typeof(IShardGrain).Namespace;
}
