using System.Net.Sockets;
using ChineseClip.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Hosting;

/// <summary>Says in one line why a server did not start, where the reason is the user's to mend.</summary>
public static class StartFailure
{
    private const string UnconvertibleValue = "Failed to convert configuration value";

    /// <summary>Gives the line, or null when the failure is not one of configuration and deserves its stack trace.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        OptionsValidationException wrong => string.Join(' ', wrong.Failures),
        AggregateException several => several.InnerExceptions.Select(Describe).FirstOrDefault(line => line is not null),
        InvalidOperationException { InnerException: var cause } failed
            when failed.Message.StartsWith(UnconvertibleValue, StringComparison.Ordinal) =>
            $"{failed.Message.TrimEnd('.')}{(cause is null ? "." : ": " + cause.Message)}",
        AddressInUseException taken => taken.Message,
        IOException { InnerException: AddressInUseException or SocketException } taken => taken.Message,
        StorageException storage => storage.Message,
        { InnerException: { } inner } => Describe(inner),
        _ => null,
    };
}
