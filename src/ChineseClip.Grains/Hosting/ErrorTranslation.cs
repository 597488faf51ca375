using ChineseClip.Abstractions;
using ChineseClip.Storage;
using Microsoft.Extensions.Logging;

namespace ChineseClip.Grains.Hosting;

/// <summary>The edge of our grains: whatever is thrown inside leaves as a <see cref="ClusterException"/> with its code.</summary>
internal sealed class ErrorTranslation(ILogger<ErrorTranslation> logger) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod?.DeclaringType?.Assembly != typeof(IShardGrain).Assembly)
        {
            await context.Invoke();
            return;
        }

        try
        {
            await context.Invoke();
        }
        catch (ClusterException exception) when (exception.InnerException is not null)
        {
            // Orleans cannot carry a cause of a type it does not know to another silo; the message has what callers need.
            throw new ClusterException(exception.Code, exception.Message)
            {
                RetryAfter = exception.RetryAfter,
                Element = exception.Element,
            };
        }
        catch (Exception exception) when (exception is ClusterException or OperationCanceledException or OrleansException)
        {
            throw;
        }
        catch (StorageException exception)
        {
            throw ToCluster(exception);
        }
        catch (Exception exception)
        {
            logger.CallFailed(exception, context.InterfaceName, context.MethodName);
            throw new ClusterException(
                ErrorCode.Internal, $"{context.InterfaceName}.{context.MethodName} failed: {exception.Message}");
        }
    }

    internal static ClusterException ToCluster(StorageException exception) => exception.Error switch
    {
        StorageError.Corrupt => new ClusterException(ErrorCode.Corrupt, exception.Message),
        StorageError.NotFound => new ClusterException(ErrorCode.NotFound, exception.Message),
        StorageError.Conflict => new ClusterException(ErrorCode.Conflict, exception.Message),
        StorageError.Fenced => new ClusterException(ErrorCode.ShardUnavailable, exception.Message),
        StorageError.Overloaded => new ClusterException(ErrorCode.Overloaded, exception.Message)
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        },
        _ => new ClusterException(ErrorCode.StorageUnavailable, exception.Message),
    };
}
