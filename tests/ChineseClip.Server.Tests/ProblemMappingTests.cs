using System.Reflection;
using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using ChineseClip.Server.Errors;
using ErrorCode = ChineseClip.Abstractions.ErrorCode;

namespace ChineseClip.Server.Tests;

public sealed class ProblemMappingTests
{
    [Fact]
    public void Describe_EveryCode_HasItsOwnNameOfTheContract()
    {
        string[] names = [.. Enum.GetValues<ErrorCode>().Select(code => ProblemMapping.Describe(code).Name)];
        string[] contract =
        [
            .. typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(field => (string)field.GetRawConstantValue()!),
        ];

        Assert.Equal(contract.Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
        Assert.All(Enum.GetValues<ErrorCode>(), code => Assert.InRange(ProblemMapping.Describe(code).Status, 400, 599));
    }

    [Fact]
    public void FromException_ClusterException_KeepsCodeElementAndRetry()
    {
        var exception = new ClusterException(ErrorCode.Overloaded, "full")
        {
            Element = "images[3]",
            RetryAfter = TimeSpan.FromSeconds(7),
        };

        Failure failure = ProblemMapping.FromException(exception);

        Assert.Equal(ErrorCode.Overloaded, failure.Code);
        Assert.Equal(new ProblemElement { Field = "images", Index = 3 }, failure.Element);
        Assert.Equal(TimeSpan.FromSeconds(7), failure.RetryAfter);
    }

    [Fact]
    public void FromException_UnknownException_TellsNothingOfItsInside()
    {
        Failure failure = ProblemMapping.FromException(new InvalidOperationException("password=secret"));

        Assert.Equal(ErrorCode.Internal, failure.Code);
        Assert.DoesNotContain("secret", failure.Detail, StringComparison.Ordinal);
    }
}
