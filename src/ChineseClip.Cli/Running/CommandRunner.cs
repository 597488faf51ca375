using System.Text.Json;
using ChineseClip.Client;
using ChineseClip.Model;
using ChineseClip.Server;

namespace ChineseClip.Cli.Running;

/// <summary>Runs a command and turns what it throws into a message and an exit code.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(Func<Task> command, CliStreams streams, CancellationToken cancellationToken)
    {
        try
        {
            await command();
            return ExitCodes.Done;
        }
        catch (CommandLineException exception)
        {
            return await RefuseAsync(streams, exception.Message, ExitCodes.WrongCommandLine);
        }
        catch (OperationCanceledException exception)
            when (cancellationToken.IsCancellationRequested || exception.InnerException is not TimeoutException)
        {
            // The server within hears of Ctrl-C too, and may be the first.
            return await RefuseAsync(streams, "stopped before the work was done.", ExitCodes.Failed);
        }
        catch (ChineseClipException exception)
        {
            return await RefuseAsync(streams, Describe(exception), ExitCodes.Failed);
        }
        catch (SiloEvictedException exception)
        {
            return await RefuseAsync(streams, exception.Message, ExitCodes.Evicted);
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            return await RefuseAsync(streams, exception.Message, ExitCodes.Failed);
        }
        catch (Exception exception) // the edge of the process: nothing above would report it
        {
            return await RefuseAsync(streams, $"unexpected: {exception}", ExitCodes.Failed);
        }
    }

    /// <summary>What carries a message written for the user.</summary>
    private static bool IsExpected(Exception exception) => exception is CommandFailedException or ModelFormatException
        or ImageInputException or InvalidDataException or JsonException
        or IOException or UnauthorizedAccessException or ArgumentException;

    private static string Describe(ChineseClipException exception)
    {
        string element = (exception.Element?.Id ?? exception.Element?.Field) is { } name ? $" ({name})" : string.Empty;
        string retry = exception.RetryAfter is { } wait ? $" Try again after {wait.TotalSeconds:0.#} s." : string.Empty;
        return $"{exception.Detail}{element} [{exception.Code}]{retry}";
    }

    private static async Task<int> RefuseAsync(CliStreams streams, string message, int exitCode)
    {
        await streams.Error.WriteLineAsync($"chineseclip: {message}");
        return exitCode;
    }
}
